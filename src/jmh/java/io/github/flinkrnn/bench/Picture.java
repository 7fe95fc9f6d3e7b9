package io.github.flinkrnn.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results of {@code steps} and {@code operator} as one picture of bars. */
final class Picture {
  /** A bar of each rate of the operator. */
  private record Series(String name, String field) {}

  private static final List<Series> RATES =
      List.of(
          new Series("no-op operator", "identity_per_s"),
          new Series("flink-rnn", "ours_per_s"),
          new Series("ONNX Runtime", "onnxruntime_per_s"),
          new Series("ONNX Runtime, pinned", "onnxruntime_pinned_per_s"),
          new Series("ONNX Runtime, batched", "onnxruntime_batched_per_s"));

  private Picture() {}

  /** Draws the results that can be drawn. */
  static String of(Figures figures) {
    List<Bars> panels = new ArrayList<>();
    Bars steps = new Bars("One step: ONNX Runtime's time by ours", "", List.of("times"));
    Map<String, Bars> rates = new LinkedHashMap<>(); // a panel for each network
    for (Map<String, Object> row : figures.rows()) {
      String name = (String) row.get("name");
      if (row.containsKey("ratio")) {
        steps.add(name, number(row, "ratio"));
      } else if (row.containsKey("slots")) {
        rates
            .computeIfAbsent(name, Picture::panel)
            .add(
                where(row),
                RATES.stream().mapToDouble(rate -> number(row, rate.field()) / 1000).toArray());
      }
    }
    panels.add(steps);
    panels.addAll(rates.values());
    panels.removeIf(Bars::isEmpty);
    return Bars.svg(panels);
  }

  private static Bars panel(String network) {
    return new Bars(
        "Operator, " + network + ": tokens a second, in thousands",
        "k",
        RATES.stream().map(Series::name).toList());
  }

  private static String where(Map<String, Object> row) {
    String slots = row.get("slots").toString().equals("1") ? "1 slot" : row.get("slots") + " slots";
    long keys = ((Number) row.get("keys")).longValue();
    String keysText = keys >= 1_000_000 ? keys / 1_000_000 + "M keys" : keys / 1000 + "k keys";
    return row.get("backend") + ", " + slots + ", " + keysText;
  }

  /** NaN if the number was not measured. */
  private static double number(Map<String, Object> row, String field) {
    return row.get(field) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
