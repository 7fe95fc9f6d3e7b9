package io.github.flinkrnn.rig.soak;

import java.util.Locale;
import java.util.Optional;

/**
 * A tenth of the tokens, and the measurements at its end.
 *
 * @param number from 1 to 10
 * @param tokensPerSecond from its first token to its last
 * @param cpuMicros processor time of the TaskManager per token; an overloaded machine does not
 *     change it, a slow one does
 * @param yardstick processor time of a fixed piece of work in milliseconds: {@link Yardstick}
 * @param load the load average of the machine over the last minute
 * @param liveHeap bytes, after a collection
 * @param memory the memory of the TaskManager's process in bytes
 * @param files the bytes of RocksDB's files
 * @param cache the use of the cache in this tenth; empty if there is none
 * @param checkpoint the last completed checkpoint
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
    Optional<CacheUse> cache,
    Optional<Checkpoint> checkpoint) {
  static final int COUNT = 10;
  private static final String FORMAT = "%-6s %10s %13s %14s %6s %14s %10s %10s %14s %10s   %s%n";
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
        "cache hits, %",
        "cache, MB",
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
        cache.map(use -> String.format(Locale.ROOT, "%.1f", 100 * use.hitRate())).orElse("-"),
        cache.map(use -> String.valueOf(use.bytes() / MEGA)).orElse("-"),
        checkpoint.map(Checkpoint::toString).orElse("none"));
  }
}
