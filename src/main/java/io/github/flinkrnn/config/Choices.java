package io.github.flinkrnn.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/** Maps from the names that a field accepts to values, in the order in which errors list them. */
@Internal
public final class Choices {
  private Choices() {}

  /** Maps each name to the value at the same index. */
  public static <T> Map<String, T> of(List<String> names, List<T> values) {
    Map<String, T> choices = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      choices.put(names.get(i), values.get(i));
    }
    return choices;
  }

  /** Maps each name to itself. */
  public static Map<String, String> of(List<String> names) {
    return of(names, names);
  }

  /** Maps the lower-case name of each enum constant to the constant. */
  public static <T extends Enum<T>> Map<String, T> of(T[] values) {
    Map<String, T> choices = new LinkedHashMap<>();
    for (T value : values) {
      choices.put(value.name().toLowerCase(Locale.ROOT), value);
    }
    return choices;
  }
}
