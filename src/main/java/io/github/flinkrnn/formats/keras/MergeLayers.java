package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.keras.LayerSpec.Kind;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import tools.jackson.databind.JsonNode;

/**
 * Layers and operations of Keras with several inputs, or with one and a constant: {@code Add()([a,
 * b])}, {@code a + b}, {@code 2 * a}, {@code a[:, -1]}.
 */
final class MergeLayers {
  private static final Map<String, Join> JOINS =
      Map.of(
          "Add", Join.ADD,
          "Subtract", Join.SUBTRACT,
          "Multiply", Join.MULTIPLY,
          "Average", Join.AVERAGE,
          "Maximum", Join.MAXIMUM,
          "Minimum", Join.MINIMUM,
          "Concatenate", Join.CONCATENATE);

  private MergeLayers() {}

  static boolean isMerge(String className) {
    return JOINS.containsKey(className) || isDivision(className);
  }

  private static boolean isDivision(String className) {
    return className.equals("Divide") || className.equals("TrueDivide");
  }

  /**
   * @param inputs how many vectors it takes
   * @param node the call in a Functional model; null in a Sequential one
   */
  static LayerSpec read(
      String className, JsonObject config, int inputs, JsonNode node, boolean hasTime) {
    JsonNode arguments = node == null ? null : node.path("args");
    if (inputs == 1 && arguments != null && arguments.isArray() && arguments.size() == 2) {
      return new LayerSpec(config.place(), null, withConstant(className, config, arguments));
    }
    Join join = JOINS.get(className);
    if (join == null) {
      throw config.invalid("", "expected a constant divisor, found " + inputs + " inputs");
    }
    if (join == Join.SUBTRACT && inputs != 2) {
      throw config.invalid("", "expected 2 inputs, found " + inputs);
    }
    if (join == Join.CONCATENATE) {
      LayerReader.expectFeatures(config, hasTime);
    }
    return new LayerSpec(config.place(), null, new LayerSpec.Joined(join));
  }

  private static Kind withConstant(String className, JsonObject config, JsonNode arguments) {
    boolean isSecond = InboundNodes.inputs(arguments.get(1)).isEmpty();
    double[] c = config.numbers("args", arguments.get(isSecond ? 1 : 0));
    double[] one = {1};
    double[] none = {0};
    switch (className) {
      case "Add" -> {
        return new LayerSpec.Scale(one, c);
      }
      case "Subtract" -> {
        return isSecond
            ? new LayerSpec.Scale(one, each(c, x -> -x))
            : new LayerSpec.Scale(new double[] {-1}, c);
      }
      case "Multiply" -> {
        return new LayerSpec.Scale(c, none);
      }
      default -> {
        if (!isDivision(className) || !isSecond) {
          throw config.invalid("", "not supported with a constant");
        }
        return new LayerSpec.Scale(each(c, x -> 1 / x), none);
      }
    }
  }

  private static double[] each(double[] numbers, DoubleUnaryOperator function) {
    return Arrays.stream(numbers).map(function).toArray();
  }

  /** Checks that an index is {@code [:, -1]}, the last step. */
  static void expectLastStep(JsonObject config, JsonNode node, boolean hasTime) {
    JsonNode index = (node == null ? config.node() : node).path("args").path(1);
    boolean isLast = hasTime && (index.size() == 2 || index.size() == 3) && isAll(index.path(0));
    isLast = isLast && index.path(1).isInt() && index.path(1).intValue() == -1;
    if (!isLast || (index.size() == 3 && !isAll(index.path(2)))) {
      throw config.invalid("", "expected [:, -1], the last step, found another index: " + index);
    }
  }

  private static boolean isAll(JsonNode slice) {
    JsonNode config = slice.path("config");
    return slice.path("class_name").asString("").equals("__slice__")
        && config.path("start").isNull()
        && config.path("stop").isNull()
        && config.path("step").isNull();
  }
}
