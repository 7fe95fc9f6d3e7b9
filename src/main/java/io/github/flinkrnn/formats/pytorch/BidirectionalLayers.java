package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.List;

/** Applies the fields of config.json that depend on bidirectional layers. */
final class BidirectionalLayers {
  private static final String READ =
      "with bidirectional layers, of which the head reads each position or the two ends";

  private BidirectionalLayers() {}

  /** Where {@code output.read} is expected, for errors. */
  static String whereRead() {
    return "expected only for a state_dict " + READ;
  }

  /**
   * The layers with {@code output.read}.
   *
   * @param layers below the heads, or with the layers of the head
   * @param parts those of changed layers are replaced
   * @throws InvalidFileException when a field does not fit the layers
   */
  static List<Layer> read(StateDictConfig asked, List<Layer> layers, List<Part> parts) {
    boolean isAny = layers.stream().anyMatch(Bidirectional.class::isInstance);
    if (isAny && !asked.initialState().isEmpty()) {
      throw new InvalidFileException(
          asked.file(),
          "initial_state",
          "expected zeros for a network with bidirectional layers, because their backward cells"
              + " begin at zero");
    }
    if (!isAny && asked.readsFinal().isPresent()) {
      throw new InvalidFileException(asked.file(), "output.read", "expected only " + READ);
    }
    return asked.readsFinal().orElse(false) ? ofTheEnds(asked, layers, parts) : layers;
  }

  @SuppressWarnings("ReferenceEquality") // layers have no equality of content
  private static List<Layer> ofTheEnds(
      StateDictConfig asked, List<Layer> layers, List<Part> parts) {
    int top = layers.size() - 1;
    while (layers.get(top).stateSize() == 0) {
      top--;
    }
    if (!(layers.get(top) instanceof Bidirectional last)) {
      throw new InvalidFileException(
          asked.file(),
          "output.read",
          "final: expected a bidirectional layer as the last recurrent layer, found "
              + layers.get(top).type());
    }
    List<Layer> changed = new ArrayList<>(layers);
    changed.set(top, last.ofTheEnds());
    Layer now = changed.get(top);
    parts.replaceAll(
        part ->
            part.layer() == last
                ? new Part(part.name(), part.source(), now, part.parameters())
                : part);
    return changed;
  }
}
