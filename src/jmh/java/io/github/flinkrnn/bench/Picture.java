package io.github.flinkrnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The results of {@code steps} and {@code operator} as one picture of bars. */
final class Picture {
  private Picture() {}

  /** Draws the results that can be drawn. */
  static String of(Figures figures) {
    List<Bars> panels = new ArrayList<>();
    Bars steps = new Bars("One step: ONNX Runtime's time by ours", "", List.of("times"));
    Bars rates =
        new Bars(
            "Operator: tokens a second, in thousands",
            "k",
            List.of("no-op operator", "flink-rnn", "hand-written ONNX Runtime"));
    for (Map<String, Object> row : figures.rows()) {
      if (row.containsKey("ratio")) {
        steps.add((String) row.get("name"), number(row, "ratio"));
      } else if (row.containsKey("slots")) {
        String slots =
            row.get("slots").toString().equals("1") ? "1 slot" : row.get("slots") + " slots";
        long keys = ((Number) row.get("keys")).longValue();
        String keysText = keys >= 1_000_000 ? keys / 1_000_000 + "M keys" : keys / 1000 + "k keys";
        rates.add(
            row.get("backend") + ", " + slots + ", " + keysText,
            number(row, "identity_per_s") / 1000,
            number(row, "ours_per_s") / 1000,
            number(row, "onnxruntime_per_s") / 1000);
      }
    }
    for (Bars bars : List.of(steps, rates)) {
      if (!bars.isEmpty()) {
        panels.add(bars);
      }
    }
    return Bars.svg(panels);
  }

  private static double number(Map<String, Object> row, String field) {
    return row.get(field) instanceof Number number ? number.doubleValue() : 0;
  }
}
