package io.github.flinkrnn.formats.keras;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The groups of the layers of a model in Keras 3: the class in snake case and, after {@code #}, how
 * many layers of that class come before it in the model.
 */
final class GroupNames {
  private final Map<String, Integer> counts = new HashMap<>();

  String next(String className) {
    String snake =
        className
            .replaceAll("\\W", "")
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT);
    return snake + "#" + (counts.merge(snake, 1, Integer::sum) - 1);
  }
}
