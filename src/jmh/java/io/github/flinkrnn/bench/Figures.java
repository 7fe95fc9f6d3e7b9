package io.github.flinkrnn.bench;

import io.github.flinkrnn.config.InvalidFileException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Measured results: rows of named fields, as a JSON array of objects. */
final class Figures {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final MathContext DIGITS = new MathContext(5);

  private final List<Map<String, Object>> rows = new ArrayList<>();

  /** One measured case. */
  static final class Row {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    Row(String name) {
      fields.put("name", name);
    }

    Row put(String field, String text) {
      fields.put(field, text);
      return this;
    }

    Row put(String field, long number) {
      fields.put(field, number);
      return this;
    }

    /** Numbers by their names, each as in {@link #put(String, double)}. */
    Row put(String field, Map<String, Double> numbers) {
      Map<String, Object> rounded = new LinkedHashMap<>();
      numbers.forEach((name, number) -> rounded.put(name, rounded(number)));
      fields.put(field, rounded);
      return this;
    }

    /**
     * Rounded to five digits, which is more than the measurement gives; null if nothing was
     * measured.
     */
    Row put(String field, double number) {
      fields.put(field, rounded(number));
      return this;
    }

    private static BigDecimal rounded(double number) {
      BigDecimal rounded = Double.isFinite(number) ? new BigDecimal(number).round(DIGITS) : null;
      boolean isLarge = rounded != null && rounded.scale() < 0;
      return isLarge ? rounded.setScale(0) : rounded; // 63000 instead of 6.3E+4
    }
  }

  void add(Row row) {
    rows.add(row.fields);
  }

  void addAll(Figures other) {
    rows.addAll(other.rows);
  }

  List<Map<String, Object>> rows() {
    return rows;
  }

  String json() {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n  ";
    for (Map<String, Object> row : rows) {
      text.append(separator).append(JSON.writeValueAsString(row));
      separator = ",\n  ";
    }
    return text.append("\n]\n").toString();
  }

  /**
   * Reads the output of {@link #json}.
   *
   * @throws InvalidFileException if it is something else
   */
  static Figures parse(String file, String json) {
    Figures figures = new Figures();
    try {
      figures.rows.addAll(JSON.readValue(json, new TypeReference<List<Map<String, Object>>>() {}));
    } catch (JacksonException e) {
      throw new InvalidFileException(file, "", "expected a JSON array of figures");
    }
    return figures;
  }
}
