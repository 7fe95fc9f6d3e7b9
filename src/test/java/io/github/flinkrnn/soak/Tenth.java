package io.github.flinkrnn.soak;

import java.util.Locale;
import java.util.Optional;

/**
 * A tenth of the tokens, and what was there at its end.
 *
 * @param number from 1 to 10
 * @param tokensPerSecond from its first token to its last
 * @param cpuMicros of the TaskManager a token, which a machine with too much to do does not change,
 *     and a slow one does
 * @param yardstick milliseconds of the processor for the same piece of work: {@link Yardstick}
 * @param load the machine's, of the last minute
 * @param liveHeap bytes, after a collection
 * @param memory bytes that the TaskManager's process had
 * @param files bytes of RocksDB's files
 * @param checkpoint the last that was completed
 */
record Tenth(
    int number,
    double tokensPerSecond,
    double cpuMicros,
    double yardstick,
    double load,
    long liveHeap,
    long memory,
    long files,
    Optional<Checkpoint> checkpoint) {
  static final int COUNT = 10;
  private static final String FORMAT = "%-6s %10s %13s %14s %6s %14s %10s %10s   %s%n";
  private static final long MEGA = 1_000_000;

  static String header() {
    return String.format(
        Locale.ROOT,
        FORMAT,
        "tenth",
        "tokens/s",
        "CPU µs/token",
        "yardstick, ms",
        "load",
        "live heap, MB",
        "RSS, MB",
        "files, MB",
        "last checkpoint: added, all, s");
  }

  String line() {
    return String.format(
        Locale.ROOT,
        FORMAT,
        number,
        String.format(Locale.ROOT, "%,d", Math.round(tokensPerSecond)),
        String.format(Locale.ROOT, "%.1f", cpuMicros),
        String.format(Locale.ROOT, "%.2f", yardstick),
        String.format(Locale.ROOT, "%.1f", load),
        liveHeap / MEGA,
        memory / MEGA,
        files / MEGA,
        checkpoint.map(Checkpoint::toString).orElse("none"));
  }
}
