package io.github.flinkrnn.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;

/**
 * Where packed weights lie. A vector of 64 bytes that straddles two cache lines costs two loads,
 * and weights are what a step loads most; but Java puts an array at any multiple of 8 bytes, and
 * moves it. Except G1: an array of half a region or more begins at a region and stays there. So
 * matrices share arrays of that size, at places that are multiples of a cache line. With another
 * collector each has its own array, wherever that lies: slower, with the same bits.
 */
final class WeightMemory {
  /** With the 16 bytes of an array's header before it, what is here begins a cache line. */
  private static final int FIRST = 12;

  private static final int LINE = 16; // floats of a cache line
  private static final int HEADER = 4; // of an array, in floats
  private static final int REGION = regionFloats();

  // The array that the next matrices go into; gone when no matrix of it is in use.
  private static WeakReference<float[]> shared = new WeakReference<>(null);
  private static int used;

  private WeightMemory() {}

  /** Room for so many numbers. */
  record Place(float[] array, int at) {}

  static synchronized Place take(int size) {
    int own = Math.addExact(FIRST, size);
    if (own >= REGION / 2) {
      return new Place(new float[own], FIRST);
    }
    float[] array = shared.get();
    if (array == null || used + size > array.length) {
      array = new float[REGION - HEADER];
      shared = new WeakReference<>(array);
      used = FIRST;
    }
    int at = used;
    used += (size + LINE - 1) / LINE * LINE;
    return new Place(array, at);
  }

  /** Floats of a region of G1; 0 with another collector, or on a JVM that does not say. */
  private static int regionFloats() {
    try {
      HotSpotDiagnosticMXBean jvm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      if (jvm == null) {
        return 0;
      }
      boolean isG1 = Boolean.parseBoolean(jvm.getVMOption("UseG1GC").getValue());
      String bytes = jvm.getVMOption("G1HeapRegionSize").getValue();
      return isG1 ? Integer.parseInt(bytes) / Float.BYTES : 0;
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }
}
