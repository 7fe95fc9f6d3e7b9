package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.keras.LayerReader.Read;
import io.github.flinkrnn.formats.keras.LayerSpec.Bidirectional;
import io.github.flinkrnn.formats.keras.LayerSpec.Cell;
import io.github.flinkrnn.formats.keras.LayerSpec.Source;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads layers that read from the last token on: Bidirectional, and those with go_backwards. */
final class BidirectionalReader {
  private static final Map<String, Join> MODES =
      Map.of(
          "concat", Join.CONCATENATE,
          "sum", Join.ADD,
          "mul", Join.MULTIPLY,
          "ave", Join.AVERAGE);

  private BidirectionalReader() {}

  /** A layer Bidirectional. */
  static Read both(LayerReader reader, JsonObject config, Source source) {
    JsonNode mode = config.node().path("merge_mode");
    Join join = MODES.get(mode.asString(""));
    if (join == null) {
      throw config.invalid(
          "merge_mode",
          "expected concat, sum, mul or ave, found "
              + (mode.isNull() || mode.isMissingNode()
                  ? "None, which gives two outputs; train with merge_mode='concat'"
                  : mode.toString()));
    }
    JsonObject inner = config.object("layer", config.place());
    LayerSpec forward = cell(reader, inner, source.at("forward_layer", 0), false);
    int weights = ((Cell) forward.kind()).useBias() ? 3 : 2;
    Source behind = source.at("backward_layer", weights);
    // Keras 2 writes it only if it is not the forward layer in the other direction.
    LayerSpec backward =
        config.node().path("backward_layer").isObject()
            ? cell(reader, config.object("backward_layer", config.place()), behind, true)
            : cell(reader, inner, behind, false);
    JsonObject options = inner.object("config", config.place());
    boolean all = options.flag("return_sequences").orElse(false);
    Bidirectional kind = new Bidirectional(forward, backward, join, !all);
    return new Read(List.of(new LayerSpec(config.place(), null, kind)), all);
  }

  private static LayerSpec cell(
      LayerReader reader, JsonObject layer, Source source, boolean goesBackward) {
    String className = layer.text("class_name");
    Architecture.requireBuiltIn(layer.node(), className, layer);
    JsonObject options = layer.object("config", layer.place());
    if (options.flag("go_backwards").orElse(goesBackward) != goesBackward) {
      throw options.invalid(
          "go_backwards",
          "expected "
              + goesBackward
              + (goesBackward ? " in backward_layer" : " in layer")
              + ", found "
              + !goesBackward);
    }
    return reader.oneCell(className, options, source);
  }

  /** A recurrent layer with go_backwards. */
  static Read backward(LayerReader reader, String className, JsonObject config, Source source) {
    if (config.flag("return_sequences").orElse(false)) {
      throw config.invalid(
          "go_backwards",
          "expected false with return_sequences, because Keras returns these steps in reverse order;"
              + " train with a Bidirectional layer, which turns them round");
    }
    LayerSpec cell = reader.oneCell(className, config, source);
    Bidirectional kind = new Bidirectional(null, cell, Join.CONCATENATE, true);
    return new Read(List.of(new LayerSpec(config.place(), null, kind)), false);
  }
}
