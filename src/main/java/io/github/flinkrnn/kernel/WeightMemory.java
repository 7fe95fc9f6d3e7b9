package io.github.flinkrnn.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.function.IntFunction;
import org.apache.flink.annotation.Internal;

/**
 * Allocates memory for packed weights at multiples of a cache line. A 64-byte vector that straddles
 * two cache lines costs two loads, and a step mostly loads weights. Java aligns arrays only to 8
 * bytes and moves them, except for large arrays in G1: an array of half a region or more begins at
 * a region and is not moved. So matrices share arrays of that size. With another collector each
 * matrix has its own array, without alignment: slower, with the same bits.
 */
@Internal
public final class WeightMemory {
  /** The first aligned index: 48 bytes after the 16-byte header of an array. */
  private static final int FIRST = 12;

  private static final int LINE = 16; // floats of a cache line
  private static final int HEADER = 4; // of an array, in floats
  private static final int REGION = regionFloats();

  private static final Pool<float[]> FLOATS = new Pool<>(float[]::new);
  private static final Pool<int[]> INTS = new Pool<>(int[]::new);

  private WeightMemory() {}

  /** A place in an array. */
  public record Place<A>(A array, int at) {}

  public static Place<float[]> floats(int size) {
    return FLOATS.take(size);
  }

  /** For pairs of weights of 16 bits. An int has the size of a float. */
  static Place<int[]> ints(int size) {
    return INTS.take(size);
  }

  private static final class Pool<A> {
    private final IntFunction<A> arrays;

    // The array for the next matrices. It is collected when none of its matrices is in use.
    private WeakReference<A> shared = new WeakReference<>(null);
    private int used;

    Pool(IntFunction<A> arrays) {
      this.arrays = arrays;
    }

    synchronized Place<A> take(int size) {
      int own = Math.addExact(FIRST, size);
      if (own >= REGION / 2) {
        return new Place<>(arrays.apply(own), FIRST);
      }
      A array = shared.get();
      if (array == null || used + size > REGION - HEADER) {
        array = arrays.apply(REGION - HEADER);
        shared = new WeakReference<>(array);
        used = FIRST;
      }
      int at = used;
      used += (size + LINE - 1) / LINE * LINE;
      return new Place<>(array, at);
    }
  }

  /** The floats of a G1 region; 0 with another collector, or if the JVM does not report it. */
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
