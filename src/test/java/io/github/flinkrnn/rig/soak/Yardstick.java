package io.github.flinkrnn.rig.soak;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;

/**
 * The speed of the machine: the processor time of a fixed piece of work, of which half is waiting
 * for memory. It changes on a machine whose processors and memory are shared with others. Then the
 * throughput changes too, although nothing in the job has slowed down.
 */
final class Yardstick {
  private static final int PLACES = 1 << 24; // 4 bytes each, together more than a cache
  private static final int HOPS = 20_000;
  private static final int ROUNDS = 30; // arithmetic per memory access
  private static final int MULTIPLIER = 1_664_525; // a full cycle with an odd increment
  private static final int INCREMENT = 1_013_904_223;

  private final int[] places = new int[PLACES];
  private double[] millis = new double[0];
  private int at;

  Yardstick() {
    Random random = new Random(1);
    Arrays.setAll(places, i -> random.nextInt());
    for (int i = 0; i < 100; i++) { // lets the compiler warm up
      measure();
    }
    median(); // discards these
  }

  /** Does the work once, in about two milliseconds. */
  void measure() {
    long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    int hash = at;
    for (int i = 0; i < HOPS; i++) {
      hash ^= places[hash & (PLACES - 1)];
      for (int round = 0; round < ROUNDS; round++) {
        hash = hash * MULTIPLIER + INCREMENT;
      }
    }
    at = hash; // so that the compiler cannot remove the work
    millis = Arrays.copyOf(millis, millis.length + 1);
    millis[millis.length - 1] =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e6;
  }

  /** Whether nothing was measured since the last call of {@link #median}. */
  boolean isEmpty() {
    return millis.length == 0;
  }

  /** The median of the measurements since the last call, in milliseconds. */
  double median() {
    double[] sorted = millis;
    millis = new double[0];
    Arrays.sort(sorted);
    return Verdict.median(sorted);
  }
}
