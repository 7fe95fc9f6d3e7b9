package io.github.flinkrnn.machine;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * What one core of this machine was measured to do at most.
 *
 * @param lanes floats in the widest vector
 * @param multiplyAdds a second, in registers alone
 * @param readBytes a second, of an array of 25 MB that is read again and again
 */
public record Machine(int lanes, double multiplyAdds, double readBytes) {
  private static final int FLOATS = 25_000_000 / Float.BYTES;
  private static final int ROUNDS = 2_000_000;
  private static final int SAMPLES = 15;

  /** Measures for about a second; nothing without the module jdk.incubator.vector. */
  public static Optional<Machine> measure() {
    return VectorLoops.ofThisJvm().map(Machine::measure);
  }

  private static Machine measure(VectorLoops loops) {
    float[] numbers = new float[FLOATS];
    Arrays.fill(numbers, 1e-6f);
    for (int i = 0; i < 2000; i++) { // for the compiler
      Kept.keep(loops.multiplyAdd(2000));
      Kept.keep(loops.sum(Arrays.copyOf(numbers, 4096)));
    }
    double round = fastest(() -> loops.multiplyAdd(ROUNDS)) / ROUNDS;
    double read = fastest(() -> loops.sum(numbers));
    return new Machine(
        loops.lanes(), loops.multiplyAddsOfARound() / round, (double) FLOATS * Float.BYTES / read);
  }

  /** Seconds of the fastest of some runs: a most is asked for. */
  private static double fastest(DoubleSupplier run) {
    double fastest = Double.MAX_VALUE;
    for (int i = 0; i < SAMPLES; i++) {
      long begin = System.nanoTime();
      Kept.keep(run.getAsDouble());
      fastest = Math.min(fastest, (System.nanoTime() - begin) / 1e9);
    }
    return fastest;
  }

  /** In a line. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%.1f billion multiply-adds/s in registers (%d lanes), %.1f GB/s read of 25 MB, one core",
        multiplyAdds / 1e9,
        lanes,
        readBytes / 1e9);
  }
}
