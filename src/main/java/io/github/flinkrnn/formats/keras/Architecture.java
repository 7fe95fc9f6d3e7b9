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
 * Reads the JSON that Keras describes a model with: a Sequential model, or a Functional one whose
 * layers are a chain. Layers that do nothing when a model is used (Dropout and its like) are left
 * out. What would be computed otherwise than Keras does is refused, and so is a layer that is not
 * known.
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
          "Bidirectional", "reads tokens that have yet to come",
          "Masking",
              "skips tokens; leave padding out of the stream and the layer out of the model");
  private static final String EXPECTED =
      "expected Embedding, SimpleRNN, GRU, LSTM, Dense, TimeDistributed(Dense), Activation or"
          + " Dropout";
  private static final int MAX_UNITS = 1 << 24;

  private final String file;
  private final String where;
  private final List<LayerSpec> specs = new ArrayList<>();
  private JsonNode shape; // of the input, [batch, time, …], as the first layer that says it does
  private boolean carries; // whether a recurrent layer keeps its state from window to window
  private final Map<String, Integer> counts = new HashMap<>();

  private Architecture(String file, String where) {
    this.file = file;
    this.where = where;
  }

  /**
   * What the JSON describes.
   *
   * @param layers those with weights, bottom first
   * @param steps how many a sequence is fixed to; 0 where that is open
   */
  record Model(List<LayerSpec> layers, int steps) {}

  /**
   * Reads the JSON.
   *
   * @param where what part of the file it is
   */
  static Model parse(String file, String where, byte[] json) {
    return new Architecture(file, where).read(ConfigJson.parse(file, where, json));
  }

  private Model read(JsonNode model) {
    String kind = text(model, "class_name", where);
    if (model.path("config").isArray()) {
      throw invalid(
          where + ".config",
          "is a list of layers, as Keras before 2.2.3 wrote a Sequential model; expected an object"
              + " that holds them: save the model again with a later Keras");
    }
    JsonNode config = object(model, "config", where);
    JsonNode layers = config.get("layers");
    if (layers == null || !layers.isArray() || layers.isEmpty()) {
      throw invalid(where + ": config.layers", "expected a list of layers");
    }
    switch (kind) {
      case "Sequential" -> {}
      case "Functional", "Model" -> new ChainCheck(file, where, config).check(layers);
      default -> throw invalid(where, "is a " + kind + ", expected Sequential or Functional");
    }
    for (JsonNode layer : layers) {
      add(layer);
    }
    return new Model(specs, steps());
  }

  /** Keras says [batch, time, features], or [batch, time] of words; null is open. */
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
      // On a stream each token is on its own anyway.
      JsonNode inner = object(config, "layer", place);
      className = text(inner, "class_name", place);
      requireBuiltIn(inner, className, place);
      if (IDLE.contains(className)) {
        return;
      }
      if (!className.equals("Dense") && !className.equals("Activation")) {
        throw invalid(place, "holds a " + className + ", expected a Dense");
      }
      config = object(inner, "config", place);
      group += "/layer";
    }
    if (className.equals("Activation")) {
      activate(place, text(config, "activation", place));
      return;
    }
    specs.add(spec(place, name, type(place, className), group, config));
  }

  /** Keras 3 names a layer's group after its class and how many of the class came before it. */
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
    throw invalid(place, REASONS.getOrDefault(className, "cannot be read, " + EXPECTED));
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
    if (type.isRecurrent()) {
      for (String option : List.of("go_backwards", "return_state")) {
        if (flag(config, option, place).orElse(false)) {
          throw invalid(
              place,
              "has "
                  + option
                  + ", expected a layer that reads from left to right"
                  + " and gives its outputs alone");
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
        // Versions of Keras that did not write it had no other way.
        type == LayerClass.GRU && flag(config, "reset_after", place).orElse(false),
        Optional.of(flag(config, "use_bias", place).orElse(true)));
  }

  /** A layer Activation does what the option of a Dense does. */
  private void activate(String place, String activation) {
    LayerSpec last = specs.isEmpty() ? null : specs.get(specs.size() - 1);
    if (last == null || last.type() != LayerClass.DENSE || !last.activation().equals("linear")) {
      throw invalid(place, "expected a Dense with activation linear before it");
    }
    specs.set(specs.size() - 1, last.withActivation(activation));
  }

  private void requireBuiltIn(JsonNode layer, String className, String place) {
    String module = layer.path("module").asString("keras");
    String registered = layer.path("registered_name").asString(className);
    boolean isKeras = module.matches("(tf_)?keras(\\..*)?");
    if (!isKeras || !(registered.isEmpty() || registered.equals(className))) {
      throw invalid(place, "is a class of its own (" + registered + "), " + EXPECTED);
    }
  }

  private Optional<Integer> units(JsonNode config, String field, String place) {
    JsonNode node = config.get(field);
    if (node == null || !node.isInt() || node.intValue() < 1 || node.intValue() > MAX_UNITS) {
      throw invalid(place + "." + field, "expected a whole number from 1 to " + MAX_UNITS);
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
      throw invalid(place + "." + field, "expected a text");
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
