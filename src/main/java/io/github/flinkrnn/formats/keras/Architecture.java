package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the JSON description of a Keras model: a Sequential model, or a Functional model whose
 * layers form a chain. Layers without an effect on inference, such as Dropout, are left out. A
 * layer that is unknown, or that would give other results than in Keras, is not supported.
 */
final class Architecture {
  private static final Set<String> IDLE =
      Set.of(
          "InputLayer",
          "Dropout",
          "SpatialDropout1D",
          "AlphaDropout",
          "GaussianDropout",
          "GaussianNoise",
          "ActivityRegularization");
  private static final Map<String, String> REASONS =
      Map.of(
          "Bidirectional",
          "not supported: it reads future tokens",
          "Masking",
          "not supported: it skips tokens; remove padding from the stream and this layer from"
              + " the model");
  private static final String EXPECTED =
      "expected Embedding, SimpleRNN, GRU, LSTM, Dense, TimeDistributed(Dense), Conv1D (causal),"
          + " BatchNormalization, LayerNormalization, RMSNormalization, Activation or Dropout";
  private static final int MAX_UNITS = 1 << 24;
  private static final int MAX_TAPS = 1 << 16;

  private final String file;
  private final String where;
  private final List<LayerSpec> specs = new ArrayList<>();
  private JsonNode shape; // of the input, [batch, time, …], from the first layer that has it
  private boolean carries; // whether a recurrent layer keeps its state between windows
  private final Map<String, Integer> counts = new HashMap<>();

  private Architecture(String file, String where) {
    this.file = file;
    this.where = where;
  }

  /**
   * The model that the JSON describes.
   *
   * @param layers the layers with weights, bottom first
   * @param steps the fixed sequence length; 0 if it is not fixed
   */
  record Model(List<LayerSpec> layers, int steps) {}

  /**
   * Reads the JSON.
   *
   * @param where the part of the file that holds the JSON
   */
  static Model parse(String file, String where, byte[] json) {
    return new Architecture(file, where).read(ConfigJson.parse(file, where, json));
  }

  private Model read(JsonNode model) {
    String kind = text(model, "class_name", where);
    if (model.path("config").isArray()) {
      throw invalid(
          where + ".config",
          "expected an object, found an array of layers, as Keras before 2.2.3 wrote it; save the"
              + " model again with a later version of Keras");
    }
    JsonNode config = object(model, "config", where);
    JsonNode layers = config.get("layers");
    if (layers == null || !layers.isArray() || layers.isEmpty()) {
      throw invalid(where + ": config.layers", "expected an array of layers");
    }
    switch (kind) {
      case "Sequential" -> {}
      case "Functional", "Model" -> new ChainCheck(file, where, config).check(layers);
      default -> throw invalid(where, "expected Sequential or Functional, found " + kind);
    }
    for (JsonNode layer : layers) {
      add(layer);
    }
    return new Model(specs, steps());
  }

  /** The shape is [batch, time, features], or [batch, time] for words; null means not fixed. */
  private int steps() {
    boolean ofWords = !specs.isEmpty() && specs.get(0).type() == LayerClass.EMBEDDING;
    boolean hasTime = shape != null && shape.size() == (ofWords ? 2 : 3);
    return hasTime && !carries && shape.get(1).isInt() ? shape.get(1).intValue() : 0;
  }

  private void see(JsonNode config) {
    for (String field : List.of("batch_shape", "batch_input_shape", "shape")) {
      if (shape == null && config.path(field).isArray()) {
        shape = config.path(field);
      }
    }
    carries |= config.path("stateful").asBoolean(false);
  }

  private void add(JsonNode layer) {
    String className = text(layer, "class_name", where + ": config.layers");
    JsonNode config = object(layer, "config", where + ": layer " + className);
    String name = text(config, "name", where + ": layer " + className);
    String place = where + ": layer '" + name + "' (" + className + ")";
    requireBuiltIn(layer, className, place);
    String group = group(className);
    see(config);
    if (IDLE.contains(className)) {
      return;
    }
    if (className.equals("TimeDistributed")) {
      // On a stream, each layer gets one token at a time anyway.
      JsonNode inner = object(config, "layer", place);
      className = text(inner, "class_name", place);
      requireBuiltIn(inner, className, place);
      if (IDLE.contains(className)) {
        return;
      }
      if (!className.equals("Dense") && !className.equals("Activation")) {
        throw invalid(place, "expected Dense, found " + className);
      }
      config = object(inner, "config", place);
      group += "/layer";
    }
    if (className.equals("Activation")) {
      activate(place, name, group, text(config, "activation", place));
      return;
    }
    specs.add(spec(place, name, type(place, className), group, config));
  }

  /** Keras 3 names a group after the class and the number of earlier layers of that class. */
  private String group(String className) {
    String snake =
        className
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT);
    int before = counts.merge(snake, 1, Integer::sum) - 1;
    return before == 0 ? snake : snake + "_" + before;
  }

  private LayerClass type(String place, String className) {
    for (LayerClass type : LayerClass.values()) {
      if (type.className().equals(className)) {
        return type;
      }
    }
    throw invalid(place, REASONS.getOrDefault(className, EXPECTED + ", found " + className));
  }

  private LayerSpec spec(
      String place, String name, LayerClass type, String group, JsonNode config) {
    if (type == LayerClass.EMBEDDING) {
      return new LayerSpec(
          place,
          name,
          type,
          group,
          units(config, "output_dim", place),
          "linear",
          "",
          false,
          Optional.of(false));
    }
    if (type.isNorm()) {
      return norm(place, name, type, group, config);
    }
    if (type == LayerClass.CONV) {
      return conv(place, name, group, config);
    }
    if (type.isRecurrent()) {
      for (String option : List.of("go_backwards", "return_state")) {
        if (flag(config, option, place).orElse(false)) {
          throw invalid(
              place,
              "expected a layer that reads forward and returns only its outputs, found " + option);
        }
      }
    }
    boolean gated = type == LayerClass.GRU || type == LayerClass.LSTM;
    return new LayerSpec(
        place,
        name,
        type,
        group,
        units(config, "units", place),
        text(config, "activation", place),
        gated ? text(config, "recurrent_activation", place) : "",
        // Versions of Keras that do not write the field support only false.
        type == LayerClass.GRU && flag(config, "reset_after", place).orElse(false),
        Optional.of(flag(config, "use_bias", place).orElse(true)));
  }

  /** After a linear Dense, an Activation layer has the effect of its option activation. */
  private void activate(String place, String name, String group, String activation) {
    LayerSpec last = specs.isEmpty() ? null : specs.get(specs.size() - 1);
    if (last != null && last.type() == LayerClass.DENSE && last.activation().equals("linear")) {
      specs.set(specs.size() - 1, last.withActivation(activation));
    } else {
      specs.add(
          new LayerSpec(
              place,
              name,
              LayerClass.ACTIVATION,
              group,
              Optional.empty(),
              activation,
              "",
              false,
              Optional.of(false)));
    }
  }

  private LayerSpec norm(
      String place, String name, LayerClass type, String group, JsonNode config) {
    JsonNode axis = config.path("axis");
    boolean isLast =
        axis.isMissingNode()
            || axis.isNull()
            || Set.of("-1", "2", "[-1]", "[2]").contains(axis.toString());
    if (!isLast) {
      throw invalid(place + ".axis", "expected -1, the features, found " + axis);
    }
    if (flag(config, "rms_scaling", place).orElse(false)) {
      throw invalid(place + ".rms_scaling", "expected false");
    }
    double epsilon = config.path("epsilon").asDouble(-1);
    if (!(epsilon >= 0 && epsilon <= 1)) {
      throw invalid(place + ".epsilon", "expected a number from 0 to 1");
    }
    boolean rms = type == LayerClass.RMS_NORM;
    return new LayerSpec(
        place,
        name,
        type,
        group,
        Optional.empty(),
        "linear",
        "",
        false,
        new LayerSpec.Norm(
            epsilon,
            !rms && flag(config, "center", place).orElse(true),
            rms || flag(config, "scale", place).orElse(true)),
        null,
        Optional.of(false));
  }

  private LayerSpec conv(String place, String name, String group, JsonNode config) {
    String padding = text(config, "padding", place);
    if (!padding.equals("causal")) {
      throw invalid(place + ".padding", "expected causal, found " + padding);
    }
    String format = config.path("data_format").asString("channels_last");
    if (!format.equals("channels_last")) {
      throw invalid(place + ".data_format", "expected channels_last, found " + format);
    }
    expectOne(config, "strides", place);
    expectOne(config, "groups", place);
    return new LayerSpec(
        place,
        name,
        LayerClass.CONV,
        group,
        units(config, "filters", place),
        text(config, "activation", place),
        "",
        false,
        null,
        new LayerSpec.Conv(
            single(config, "kernel_size", place), single(config, "dilation_rate", place)),
        Optional.of(flag(config, "use_bias", place).orElse(true)));
  }

  private void expectOne(JsonNode config, String field, String place) {
    if (config.has(field) && single(config, field, place) != 1) {
      throw invalid(place + "." + field, "expected 1, found " + config.get(field));
    }
  }

  /** An integer, or an array of one integer. */
  private int single(JsonNode config, String field, String place) {
    JsonNode node = config.path(field);
    JsonNode number = node.isArray() && node.size() == 1 ? node.get(0) : node;
    if (!number.isInt() || number.intValue() < 1 || number.intValue() > MAX_TAPS) {
      throw invalid(place + "." + field, "expected an integer from 1 to " + MAX_TAPS);
    }
    return number.intValue();
  }

  private void requireBuiltIn(JsonNode layer, String className, String place) {
    String module = layer.path("module").asString("keras");
    String registered = layer.path("registered_name").asString(className);
    boolean isKeras = module.matches("(tf_)?keras(\\..*)?");
    if (!isKeras || !(registered.isEmpty() || registered.equals(className))) {
      throw invalid(place, EXPECTED + ", found the custom class " + registered);
    }
  }

  private Optional<Integer> units(JsonNode config, String field, String place) {
    JsonNode node = config.get(field);
    if (node == null || !node.isInt() || node.intValue() < 1 || node.intValue() > MAX_UNITS) {
      throw invalid(place + "." + field, "expected an integer from 1 to " + MAX_UNITS);
    }
    return Optional.of(node.intValue());
  }

  private Optional<Boolean> flag(JsonNode config, String field, String place) {
    JsonNode node = config.get(field);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw invalid(place + "." + field, "expected true or false");
    }
    return Optional.of(node.booleanValue());
  }

  private String text(JsonNode node, String field, String place) {
    JsonNode text = node.get(field);
    if (text == null || !text.isString() || text.stringValue().isEmpty()) {
      throw invalid(place + "." + field, "expected a string");
    }
    return text.stringValue();
  }

  private JsonNode object(JsonNode node, String field, String place) {
    JsonNode object = node.get(field);
    if (object == null || !object.isObject()) {
      throw invalid(place + "." + field, "expected an object");
    }
    return object;
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }
}
