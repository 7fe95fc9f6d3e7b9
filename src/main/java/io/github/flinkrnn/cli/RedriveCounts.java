package io.github.flinkrnn.cli;

import io.github.flinkrnn.kafka.Redrive;
import io.github.flinkrnn.sequence.Reason;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How many dead letters were sent again or not, by reason, as a table. */
final class RedriveCounts {
  /** The label of those that are sent. Other labels say why they are not. */
  static final String SENT = "sent";

  private static final String ROW = "%-14s %9s %9s  %s";

  private final Map<String, Map<String, Long>> byReason = new TreeMap<>();

  void add(Redrive.Choice choice) {
    byReason
        .computeIfAbsent(choice.reason().map(Reason::text).orElse("-"), r -> new LinkedHashMap<>())
        .merge(choice.label(), 1L, Long::sum);
  }

  long sent() {
    return byReason.values().stream().mapToLong(RedriveCounts::sent).sum();
  }

  long notSent() {
    return byReason.values().stream().mapToLong(RedriveCounts::notSent).sum();
  }

  private static long sent(Map<String, Long> counts) {
    return counts.getOrDefault(SENT, 0L);
  }

  private static long notSent(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum() - sent(counts);
  }

  /**
   * Prints a row for each reason, and their sums.
   *
   * @param wereSent false if they were only counted
   */
  void print(PrintStream out, boolean wereSent) {
    row(out, "reason", wereSent ? "sent" : "to send", "not sent", "");
    byReason.forEach(
        (reason, counts) -> row(out, reason, sent(counts), notSent(counts), why(counts)));
    row(out, "all", sent(), notSent(), "");
  }

  private static String why(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(SENT))
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static void row(PrintStream out, Object... cells) {
    out.println(ROW.formatted(cells).stripTrailing());
  }
}
