package io.github.flinkrnn.rig.faults;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A fault and its effect.
 *
 * @param recoverySeconds from the fault until all tokens sent before its end had predictions that
 *     were committed and read
 * @param counts what was wrong with predictions and dead letters since the previous fault
 */
record FaultRow(String fault, double recoverySeconds, Counts counts) {
  private static final String FORMAT = "%-28s %10s %8s %14s %13s %11s %13s %15s%n";

  static String header() {
    return String.format(
        Locale.ROOT,
        FORMAT,
        "fault",
        "recovery s",
        "lost",
        "lost and said",
        "said in vain",
        "duplicated",
        "out of order",
        "different bits");
  }

  String line() {
    return String.format(
        Locale.ROOT,
        FORMAT,
        fault,
        String.format(Locale.ROOT, "%.1f", recoverySeconds),
        counts.lost(),
        counts.lostAndSaid(),
        counts.saidInVain(),
        counts.duplicated(),
        counts.outOfOrder(),
        counts.different());
  }

  static String json(List<FaultRow> rows) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (FaultRow row : rows) {
      array
          .addObject()
          .put("fault", row.fault)
          .put("recovery_s", Math.round(row.recoverySeconds * 10) / 10.0)
          .put("lost", row.counts.lost())
          .put("lost_and_said", row.counts.lostAndSaid())
          .put("said_in_vain", row.counts.saidInVain())
          .put("duplicated", row.counts.duplicated())
          .put("out_of_order", row.counts.outOfOrder())
          .put("different", row.counts.different());
    }
    return array.toPrettyString() + "\n";
  }
}
