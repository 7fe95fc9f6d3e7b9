package io.github.flinkrnn.machine;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * The measured limits of one core of this machine.
 *
 * @param lanes floats in the widest vector
 * @param multiplyAdds per second, only in registers
 * @param readBytes per second, from an array of 25 MB that is read again and again
 */
public record Machine(int lanes, double multiplyAdds, double readBytes) {
  private static final int FLOATS = 25_000_000 / Float.BYTES;
  private static final int ROUNDS = 2_000_000;
  private static final int SAMPLES = 15;

  /** Measures for about a second. Empty without the module jdk.incubator.vector. */
  public static Optional<Machine> measure() {
    return VectorLoops.ofThisJvm().map(Machine::measure);
  }

  private static Machine measure(VectorLoops loops) {
    float[] numbers = new float[FLOATS];
    Arrays.fill(numbers, 1e-6f);
    for (int i = 0; i < 2000; i++) { // lets the compiler warm up
      Kept.keep(loops.multiplyAdd(2000));
      Kept.keep(loops.sum(Arrays.copyOf(numbers, 4096)));
    }
    double round = fastest(() -> loops.multiplyAdd(ROUNDS)) / ROUNDS;
    double read = fastest(() -> loops.sum(numbers));
    return new Machine(
        loops.lanes(), loops.multiplyAddsOfARound() / round, (double) FLOATS * Float.BYTES / read);
  }

  /** The seconds of the fastest of some runs, because a limit is measured. */
  private static double fastest(DoubleSupplier run) {
    double fastest = Double.MAX_VALUE;
    for (int i = 0; i < SAMPLES; i++) {
      long begin = System.nanoTime();
      Kept.keep(run.getAsDouble());
      fastest = Math.min(fastest, (System.nanoTime() - begin) / 1e9);
    }
    return fastest;
  }

  /** A description in one line. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%.1f billion multiply-adds/s in registers (%d lanes), %.1f GB/s read of 25 MB, one core",
        multiplyAdds / 1e9,
        lanes,
        readBytes / 1e9);
  }
}
