package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.rig.faults.Counts;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Whether a criterion holds, and the figures that show it.
 *
 * @param criterion one or two words
 */
record Verdict(String criterion, boolean holds, String figures) {
  static final double FLAT = 0.20;
  static final double HEAP_GROWTH = 0.10;
  static final double STATE = 0.10;
  private static final int WARM_TENTHS = 3;
  private static final double MEGA = 1e6;

  String line() {
    return String.format(Locale.ROOT, "%-12s %-4s %s%n", criterion, holds ? "ok" : "NOT", figures);
  }

  private static Verdict of(String criterion, boolean holds, String format, Object... figures) {
    return new Verdict(criterion, holds, String.format(Locale.ROOT, format, figures));
  }

  /**
   * The number of the first tenth after the warm-up: the first tokens, as many as there are keys.
   * In passes, they are the first pass.
   */
  static int firstAfterWarmUp(long tokens, long keys) {
    return (int) ((Tenth.COUNT * keys + tokens - 1) / tokens) + 1;
  }

  /**
   * Compares each tenth after the warm-up with their median. During the warm-up, many or all tokens
   * have no state to read.
   */
  static Verdict throughput(List<Tenth> tenths, int first) {
    List<Tenth> compared = tenths.stream().filter(tenth -> tenth.number() >= first).toList();
    double[] rates = sorted(compared, Tenth::tokensPerSecond);
    double[] byYardstick = sorted(compared, tenth -> tenth.tokensPerSecond() * tenth.yardstick());
    return of(
        "throughput",
        -lowest(rates) <= FLAT && highest(rates) <= FLAT,
        "tenths %d to %d: median %,.0f tokens/s, from %+.1f to %+.1f %% of it; at most 20 %%;"
            + " in the yardstick's time in place of seconds, from %+.1f to %+.1f %%",
        first,
        Tenth.COUNT,
        median(rates),
        100 * lowest(rates),
        100 * highest(rates),
        100 * lowest(byYardstick),
        100 * highest(byYardstick));
  }

  private static double[] sorted(List<Tenth> tenths, ToDoubleFunction<Tenth> figure) {
    return tenths.stream().mapToDouble(figure).sorted().toArray();
  }

  // How far the lowest is below the median.
  private static double lowest(double[] sorted) {
    return sorted[0] / median(sorted) - 1;
  }

  private static double highest(double[] sorted) {
    return sorted[sorted.length - 1] / median(sorted) - 1;
  }

  /**
   * @param sorted at least one number
   */
  static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Compares the live heap after the last tenth with that after the third. */
  static Verdict heap(List<Tenth> tenths) {
    double warm = tenths.get(WARM_TENTHS - 1).liveHeap();
    double last = tenths.get(tenths.size() - 1).liveHeap();
    return of(
        "heap",
        last <= warm * (1 + HEAP_GROWTH),
        "live: %.1f MB after tenth %d, %.1f MB after the last: %+.1f %%; at most +10 %%",
        warm / MEGA,
        WARM_TENTHS,
        last / MEGA,
        100 * (last / warm - 1));
  }

  /** The peak memory of the process. */
  static Verdict memory(long peak, long limit) {
    return of(
        "memory",
        peak <= limit,
        "the TaskManager's process: at most %.0f MB; limit %.0f MB",
        peak / MEGA,
        limit / MEGA);
  }

  /**
   * The size of the savepoint per key.
   *
   * @param keys the number of keys that have tokens
   */
  static Verdict state(long savepointBytes, long keys, double predicted) {
    double each = (double) savepointBytes / keys;
    return of(
        "state",
        Math.abs(each - predicted) <= STATE * predicted,
        "a savepoint has %.1f bytes a key, predicted %.0f: %+.1f %%; at most 10 %%",
        each,
        predicted,
        100 * (each / predicted - 1));
  }

  /** Checkpoints that were triggered after the warm-up. */
  static Verdict checkpoints(List<Checkpoint> all, double warmUpEndMillis, long failed) {
    List<Checkpoint> later =
        all.stream().filter(one -> one.triggeredMillis() >= warmUpEndMillis).toList();
    double[] shares =
        later.stream()
            .mapToDouble(one -> (double) one.addedBytes() / one.fullBytes())
            .sorted()
            .toArray();
    boolean holds =
        shares.length > 0 && failed == 0 && later.stream().allMatch(Checkpoint::isIncremental);
    return shares.length == 0
        ? of("checkpoints", false, "none was completed after the warm-up; %d failed", failed)
        : of(
            "checkpoints",
            holds,
            "%d after the warm-up added %.0f to %.0f %% of all they refer to, median %.0f %%;"
                + " each less than 100 %%; %d failed",
            shares.length,
            100 * shares[0],
            100 * shares[shares.length - 1],
            100 * median(shares),
            failed);
  }

  static Verdict predictions(Counts counts, long tokens, int compared) {
    return of(
        "predictions",
        counts.areNone(),
        "of %,d tokens %d lost, %d twice, %d out of order; of %,d keys bit for bit, %d different",
        tokens,
        counts.lost(),
        counts.duplicated(),
        counts.outOfOrder(),
        compared,
        counts.different());
  }

  /** The median duration in seconds; 0 without checkpoints. */
  static double medianSeconds(List<Checkpoint> checkpoints) {
    double[] seconds = checkpoints.stream().mapToDouble(Checkpoint::seconds).toArray();
    Arrays.sort(seconds);
    return seconds.length == 0 ? 0 : median(seconds);
  }
}
