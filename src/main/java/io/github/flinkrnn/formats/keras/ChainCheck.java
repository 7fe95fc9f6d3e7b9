package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Checks that a Functional model is a chain: one input, one output, and each layer called once on
 * the output of the layer before it. Keras lists the layers in that order. The inputs of a call are
 * in {@code inbound_nodes}: in Keras 3 as {@code "keras_history": [layer, node, tensor]} in its
 * arguments, in Keras 2 as {@code [layer, node, tensor, {}]} or, by name, in the last object.
 */
final class ChainCheck {
  private final String file;
  private final String where;
  private final JsonNode config;

  ChainCheck(String file, String where, JsonNode config) {
    this.file = file;
    this.where = where;
    this.config = config;
  }

  void check(JsonNode layers) {
    String before = null;
    for (JsonNode layer : layers) {
      String name = layer.path("config").path("name").asString("");
      List<String> inputs = new ArrayList<>();
      collect(layer.path("inbound_nodes"), inputs);
      List<String> expected = before == null ? List.of() : List.of(before);
      if (!inputs.equals(expected)) {
        throw invalid(
            "layer '" + name + "'",
            "expected the input " + expected + " of a chain of layers, found " + inputs);
      }
      before = name;
    }
    String first = layers.get(0).path("config").path("name").asString("");
    expectOnly("input_layers", first);
    expectOnly("output_layers", before);
  }

  private void expectOnly(String field, String layer) {
    List<String> found = new ArrayList<>();
    collect(config.path(field), found);
    if (!found.equals(List.of(layer))) {
      throw invalid("config." + field, "expected only [" + layer + "], found " + found);
    }
  }

  /** Collects every {@code [name, number, number]}. The parser bounds the depth of the JSON. */
  private static void collect(JsonNode node, List<String> names) {
    boolean isReference =
        node.isArray()
            && node.size() >= 3
            && node.get(0).isString()
            && node.get(1).isInt()
            && node.get(2).isInt();
    if (isReference) {
      int tensor = node.get(2).intValue();
      names.add(node.get(0).stringValue() + (tensor == 0 ? "" : " (output " + tensor + ")"));
    }
    for (JsonNode child : node) {
      collect(child, names);
    }
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, where + ": " + place, problem);
  }
}
