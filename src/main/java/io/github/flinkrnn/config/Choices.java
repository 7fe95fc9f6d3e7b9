package io.github.flinkrnn.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the names of a field stand for, in the order in which errors list them. */
public final class Choices {
  private Choices() {}

  /** Names, and the value of each at the same place. */
  public static <T> Map<String, T> of(List<String> names, List<T> values) {
    Map<String, T> choices = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      choices.put(names.get(i), values.get(i));
    }
    return choices;
  }

  /** Names that stand for themselves. */
  public static Map<String, String> of(List<String> names) {
    return of(names, names);
  }

  /** All values of an enum under their names in lower case. */
  public static <T extends Enum<T>> Map<String, T> of(T[] values) {
    Map<String, T> choices = new LinkedHashMap<>();
    for (T value : values) {
      choices.put(value.name().toLowerCase(Locale.ROOT), value);
    }
    return choices;
  }
}
