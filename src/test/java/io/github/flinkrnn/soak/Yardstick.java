package io.github.flinkrnn.soak;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;

/**
 * How fast the machine is: the processor time of a piece of work that is always the same, half of
 * it waiting for memory. On a machine whose processors and memory serve others too it changes, and
 * then throughput does, with nothing in the job that would have slowed down.
 */
final class Yardstick {
  private static final int PLACES = 1 << 24; // of 4 bytes: more than what a cache has
  private static final int HOPS = 20_000;
  private static final int ROUNDS = 30; // of arithmetic a hop
  private static final int MULTIPLIER = 1_664_525; // of a full cycle, with an odd increment
  private static final int INCREMENT = 1_013_904_223;

  private final int[] places = new int[PLACES];
  private double[] millis = new double[0];
  private int at;

  Yardstick() {
    Random random = new Random(1);
    Arrays.setAll(places, i -> random.nextInt());
    for (int i = 0; i < 100; i++) { // for the compiler
      measure();
    }
    median(); // forgets them
  }

  /** Does the work once: two milliseconds or so. */
  void measure() {
    long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    int hash = at;
    for (int i = 0; i < HOPS; i++) {
      hash ^= places[hash & (PLACES - 1)];
      for (int round = 0; round < ROUNDS; round++) {
        hash = hash * MULTIPLIER + INCREMENT;
      }
    }
    at = hash; // keeps the compiler from leaving the work out
    millis = Arrays.copyOf(millis, millis.length + 1);
    millis[millis.length - 1] =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e6;
  }

  /** Whether nothing was measured since the median was asked for. */
  boolean isEmpty() {
    return millis.length == 0;
  }

  /** The median of what was measured since this was asked last, in milliseconds. */
  double median() {
    double[] sorted = millis;
    millis = new double[0];
    Arrays.sort(sorted);
    return Verdict.median(sorted);
  }
}
