package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Ramp;
import io.github.flinkrnn.layer.ScaledElu;
import io.github.flinkrnn.layer.Softmax;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The activations of a version of Keras: functions by their names, and layers with parameters. */
final class KerasActivations {
  /** The layers that are only an activation. */
  static final Set<String> LAYERS =
      Set.of("LeakyReLU", "ReLU", "ELU", "Softmax", "ThresholdedReLU");

  /** The operations of Keras 3, {@code keras.ops}, that are one. */
  private static final Map<String, String> OPERATIONS =
      Map.of(
          "Relu", "relu",
          "Relu6", "relu6",
          "Sigmoid", "sigmoid",
          "Tanh", "tanh",
          "Silu", "silu",
          "Softplus", "softplus",
          "Softsign", "softsign",
          "Selu", "selu",
          "Exp", "exponential");

  private static final KerasActivation SOFTMAX =
      new KerasActivation("softmax", null, (size, kernel) -> new Softmax(size, false, kernel));

  private final Map<String, KerasActivation> named = new LinkedHashMap<>();

  /**
   * @param version of Keras; empty if it is not known
   */
  KerasActivations(String version) {
    for (Activation g :
        List.of(Activation.TANH, Activation.RELU, Activation.SIGMOID, Activation.GELU)) {
      add(g);
    }
    // Keras 2 and Keras 3 define hard_sigmoid differently.
    boolean isOld = version.startsWith("1.") || version.startsWith("2.");
    if (!version.isEmpty()) {
      add("hard_sigmoid", isOld ? Activation.HARD_SIGMOID_FIFTH : Activation.HARD_SIGMOID_SIXTH);
    }
    add("silu", Activation.SILU);
    add("swish", Activation.SILU);
    add("leaky_relu", Activation.LEAKY_RELU_FIFTH);
    add("celu", Activation.ELU);
    add("hard_swish", Activation.HARD_SILU);
    for (Activation g :
        List.of(
            Activation.ELU,
            Activation.SELU,
            Activation.SOFTPLUS,
            Activation.SOFTSIGN,
            Activation.EXPONENTIAL,
            Activation.MISH,
            Activation.RELU6,
            Activation.LOG_SIGMOID,
            Activation.HARD_SILU,
            Activation.HARD_TANH,
            Activation.TANH_SHRINK,
            Activation.HARD_SHRINK,
            Activation.SOFT_SHRINK,
            Activation.SQUAREPLUS,
            Activation.SPARSE_PLUS,
            Activation.SPARSE_SIGMOID)) {
      add(g);
    }
    named.put("linear", KerasActivation.LINEAR);
    named.put("softmax", SOFTMAX);
    named.put(
        "log_softmax",
        new KerasActivation(
            "log_softmax", null, (size, kernel) -> new Softmax(size, true, kernel)));
  }

  private void add(Activation g) {
    add(g.name().toLowerCase(Locale.ROOT), g);
  }

  private void add(String name, Activation g) {
    named.put(name, KerasActivation.of(name, g));
  }

  /** The activation that an option of a layer names, or is. */
  KerasActivation read(JsonObject config, String field) {
    JsonNode value = config.node().path(field);
    if (value.isNull()) {
      return KerasActivation.LINEAR;
    }
    String className = value.path("class_name").asString("");
    if (className.equals("function") && value.path("config").isString()) {
      value = value.path("config");
    } else if (LAYERS.contains(className) && value.path("config").isObject()) {
      return ofLayer(className, config.at(config.place() + "." + field).config(value), false);
    } else if (value.isObject() && !className.isEmpty()) {
      throw config.invalid(
          field, "expected a string or an activation of Keras, found " + className);
    }
    String name = value.isString() ? value.stringValue() : config.text(field);
    KerasActivation act = named.get(name);
    if (act == null) {
      throw unknown(config, name);
    }
    return act;
  }

  /** The activation of this name. */
  KerasActivation named(String name) {
    return named.get(name);
  }

  /** The activation of an operation, or null. */
  KerasActivation ofOperation(String className) {
    String name = OPERATIONS.get(className);
    return name == null ? null : named.get(name);
  }

  /** The error for an activation that the place cannot have. */
  RuntimeException unknown(JsonObject config, String name) {
    return config.invalid(
        "",
        "expected one of the activations " + String.join(", ", named.keySet()) + ", found " + name);
  }

  /**
   * An activation that is a layer.
   *
   * @param hasTime whether the input has an axis of steps
   */
  KerasActivation ofLayer(String className, JsonObject config, boolean hasTime) {
    switch (className) {
      case "Softmax" -> {
        LayerReader.expectFeatures(config, hasTime);
        return SOFTMAX;
      }
      case "ELU" -> {
        float alpha = (float) config.number("alpha", 1);
        return alpha == 1
            ? KerasActivation.of("elu", Activation.ELU)
            : new KerasActivation("elu", null, (size, kernel) -> new ScaledElu(size, alpha));
      }
      case "LeakyReLU" -> {
        // Keras 2 has alpha.
        return ramp("leaky_relu", config.number("negative_slope", config.number("alpha", 0.3)), 0);
      }
      case "ThresholdedReLU" -> {
        return ramp("thresholded_relu", 0, config.number("theta", 1));
      }
      default -> {
        double slope = config.number("negative_slope", 0);
        double threshold = config.number("threshold", 0);
        double most = config.number("max_value", Double.POSITIVE_INFINITY);
        if (slope == 0 && threshold == 0 && most == Double.POSITIVE_INFINITY) {
          return KerasActivation.of("relu", Activation.RELU);
        }
        if (most < 0 || threshold < 0) {
          throw config.invalid("", "expected max_value and threshold from 0");
        }
        return ramp("relu", slope, threshold, most);
      }
    }
  }

  private static KerasActivation ramp(String name, double slope, double threshold) {
    return ramp(name, slope, threshold, Double.POSITIVE_INFINITY);
  }

  private static KerasActivation ramp(String name, double slope, double threshold, double most) {
    float[] slopes = {(float) slope};
    return new KerasActivation(
        name, null, (size, kernel) -> new Ramp(size, slopes, (float) threshold, (float) most));
  }
}
