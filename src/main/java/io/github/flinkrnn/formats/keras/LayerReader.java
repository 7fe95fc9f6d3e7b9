package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.keras.LayerSpec.CellType;
import io.github.flinkrnn.formats.keras.LayerSpec.Kind;
import io.github.flinkrnn.formats.keras.LayerSpec.NormType;
import io.github.flinkrnn.formats.keras.LayerSpec.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads one layer of an architecture that takes one input: its options, and what it computes. */
final class LayerReader {
  private static final Set<String> IDLE =
      Set.of(
          "InputLayer",
          "Dropout",
          "SpatialDropout1D",
          "AlphaDropout",
          "GaussianDropout",
          "GaussianNoise",
          "ActivityRegularization",
          "Identity");
  private static final int MAX_TAPS = 1 << 16;
  private static final int MAX_CELLS = 1000;

  private final KerasActivations acts;

  LayerReader(KerasActivations acts) {
    this.acts = acts;
  }

  /**
   * What a layer is.
   *
   * @param specs the layers with an effect, bottom first; none for one without
   * @param hasTime whether the output has an axis of steps
   */
  record Read(List<LayerSpec> specs, boolean hasTime) {}

  /**
   * @param config the options of the layer
   * @param hasTime whether the input has an axis of steps; without one it is the last step
   */
  Read read(String className, JsonObject config, Source source, boolean hasTime) {
    if (IDLE.contains(className)) {
      return new Read(List.of(), hasTime);
    }
    CellType cell = cell(className);
    boolean isRnn = cell != null || className.equals("RNN");
    boolean bothWays = className.equals("Bidirectional");
    if (isRnn || bothWays || className.equals("Conv1D") || className.equals("TimeDistributed")) {
      expectSequence(config, hasTime);
    }
    if (isRnn) {
      if (config.flag("go_backwards").orElse(false)) {
        return BidirectionalReader.backward(this, className, config, source);
      }
      expectPassedPadding(config);
      boolean all = config.flag("return_sequences").orElse(true);
      return new Read(
          cell == null
              ? cells(config, source)
              : List.of(recurrent(cell, config, source.at("cell"))),
          all);
    }
    if (bothWays) {
      return BidirectionalReader.both(this, config, source);
    }
    if (className.equals("TimeDistributed")) {
      return timeDistributed(config, source);
    }
    if (className.equals("Flatten") || className.equals("Reshape")) {
      return reshaped(className, config, hasTime);
    }
    Kind kind = kind(className, config, hasTime);
    return new Read(List.of(new LayerSpec(config.place(), source, kind)), hasTime);
  }

  private static CellType cell(String className) {
    for (CellType type : CellType.values()) {
      if (type.className().equals(className)) {
        return type;
      }
    }
    return null;
  }

  private Kind kind(String className, JsonObject config, boolean hasTime) {
    if (KerasActivations.LAYERS.contains(className)) {
      return new LayerSpec.Activate(acts.ofLayer(className, config, hasTime));
    }
    KerasActivation operation = acts.ofOperation(className);
    if (operation != null) {
      return new LayerSpec.Activate(operation);
    }
    return switch (className) {
      case "Embedding" ->
          new LayerSpec.Embedding(
              config.units("output_dim"), config.flag("mask_zero").orElse(false));
      case "Dense" ->
          new LayerSpec.Dense(
              config.units("units"), acts.read(config, "activation"), Optional.of(bias(config)));
      case "Conv1D" -> conv(config);
      case "BatchNormalization" -> norm(NormType.BATCH, config, hasTime);
      case "LayerNormalization" -> norm(NormType.LAYER, config, hasTime);
      case "RMSNormalization" -> norm(NormType.RMS, config, hasTime);
      case "Normalization" -> standardize(config, hasTime);
      case "Rescaling" -> rescale(config);
      case "Masking" -> new LayerSpec.Masking((float) config.number("mask_value", 0));
      case "Activation" -> new LayerSpec.Activate(acts.read(config, "activation"));
      case "PReLU" -> slopes(config, hasTime);
      default -> throw config.invalid("", UnsupportedLayers.reason(className));
    };
  }

  private static boolean bias(JsonObject config) {
    return config.flag("use_bias").orElse(true);
  }

  static void expectSequence(JsonObject config, boolean hasTime) {
    if (!hasTime) {
      throw config.invalid(
          "",
          "expected a sequence, found only the last step of one, because a layer before has"
              + " return_sequences=False; train with return_sequences=True there");
    }
  }

  private static void expectPassedPadding(JsonObject config) {
    if (config.flag("zero_output_for_mask").orElse(false)) {
      throw config.invalid("zero_output_for_mask", "expected false");
    }
  }

  /**
   * A recurrent layer that has one cell, in either direction.
   *
   * @param source of the layer, without that of its cell
   */
  LayerSpec oneCell(String className, JsonObject config, Source source) {
    CellType type = cell(className);
    if (type != null) {
      return recurrent(type, config, source.at("cell"));
    }
    if (!className.equals("RNN")) {
      throw config.invalid("", "expected SimpleRNN, GRU, LSTM or RNN, found " + className);
    }
    List<LayerSpec> cells = cells(config, source);
    if (cells.size() > 1) {
      throw config.invalid(
          "cell",
          "expected one cell in a layer that reads backward, found "
              + cells.size()
              + "; use a Bidirectional layer for each");
    }
    return cells.get(0);
  }

  private LayerSpec recurrent(CellType type, JsonObject config, Source source) {
    KerasActivation act = acts.read(config, "activation");
    KerasActivation gate =
        type == CellType.SIMPLE_RNN ? null : acts.read(config, "recurrent_activation");
    for (KerasActivation each : gate == null ? List.of(act) : List.of(act, gate)) {
      if (each.g() == null) {
        throw acts.unknown(config, each.name());
      }
    }
    // Versions of Keras that do not write the field support only false.
    boolean resetAfter = type == CellType.GRU && config.flag("reset_after").orElse(false);
    return new LayerSpec(
        config.place(),
        source,
        new LayerSpec.Cell(type, config.units("units"), act, gate, resetAfter, bias(config)));
  }

  /** The cells of a layer {@code RNN}: one, or several above each other. */
  private List<LayerSpec> cells(JsonObject config, Source source) {
    JsonObject cell = config.object("cell", config.place() + ".cell");
    if (!cell.node().path("class_name").asString("").equals("StackedRNNCells")) {
      return List.of(cell(cell, config.place(), source.at("cell")));
    }
    JsonNode list = cell.object("config", cell.place()).node().path("cells");
    if (!list.isArray() || list.isEmpty() || list.size() > MAX_CELLS) {
      throw config.invalid(
          "cell.config.cells", "expected an array of 1 to " + MAX_CELLS + " cells");
    }
    List<LayerSpec> cells = new ArrayList<>();
    GroupNames names = new GroupNames();
    int from = 0;
    for (JsonNode each : list) {
      String group = names.next(each.path("class_name").asString(""));
      Source of = source.at("cell/cells/" + group, from);
      LayerSpec spec = cell(new JsonObject(cell.file(), cell.place(), each), config.place(), of);
      cells.add(spec);
      from += ((LayerSpec.Cell) spec.kind()).useBias() ? 3 : 2;
    }
    return cells;
  }

  private LayerSpec cell(JsonObject cell, String layerPlace, Source source) {
    String className = cell.text("class_name");
    CellType type =
        className.endsWith("Cell") ? cell(className.substring(0, className.length() - 4)) : null;
    if (type == null) {
      throw cell.invalid(
          "class_name", "expected SimpleRNNCell, GRUCell or LSTMCell, found " + className);
    }
    Architecture.requireBuiltIn(cell.node(), className, cell);
    return recurrent(type, cell.object("config", layerPlace), source);
  }

  /** On a stream, each layer gets one token at a time anyway. */
  private Read timeDistributed(JsonObject config, Source source) {
    JsonObject inner = config.object("layer", config.place());
    String className = inner.text("class_name");
    Architecture.requireBuiltIn(inner.node(), className, inner);
    JsonObject options = inner.object("config", config.place());
    if (className.equals("Conv1D")
        || className.equals("Embedding")
        || className.equals("Masking")) {
      throw config.invalid(
          "", "expected a layer that takes one token, such as Dense, found " + className);
    }
    if (cell(className) != null || className.equals("RNN") || className.equals("Bidirectional")) {
      throw config.invalid(
          "",
          "expected a layer that takes one token, such as Dense, found "
              + className
              + ", which would take a sequence of its own at each token");
    }
    Read read = read(className, options, source.at("layer"), false);
    return new Read(read.specs(), true);
  }

  private static Read reshaped(String className, JsonObject config, boolean hasTime) {
    if (className.equals("Flatten")) {
      if (hasTime) {
        throw config.invalid(
            "",
            "not supported: it joins all steps of the sequence into one vector, and a stream brings"
                + " one token at a time; train with the last step (return_sequences=False) instead");
      }
      return new Read(List.of(), false);
    }
    JsonNode shape = config.node().path("target_shape");
    int axes = hasTime ? 2 : 1;
    JsonNode size = shape.path(axes - 1);
    if (!shape.isArray() || shape.size() != axes || !size.isInt()) {
      throw config.invalid(
          "target_shape",
          "expected "
              + (hasTime ? "[steps, features]" : "[features]")
              + ", the shape before, found "
              + shape
              + ", which is not one vector for each token");
    }
    return new Read(
        size.intValue() == -1
            ? List.of()
            : List.of(
                new LayerSpec(config.place(), null, new LayerSpec.Unchanged(size.intValue()))),
        hasTime);
  }

  /** Checks that the axis is the last one. */
  static void expectFeatures(JsonObject config, boolean hasTime) {
    JsonNode axis = config.node().path("axis");
    JsonNode one = axis.isArray() && axis.size() == 1 ? axis.get(0) : axis;
    boolean isLast =
        one.isMissingNode()
            || one.isNull()
            || (one.isInt() && (one.intValue() == -1 || one.intValue() == (hasTime ? 2 : 1)));
    if (!isLast) {
      throw config.invalid("axis", "expected -1, the features, found " + axis);
    }
  }

  private static Kind norm(NormType type, JsonObject config, boolean hasTime) {
    expectFeatures(config, hasTime);
    if (config.flag("rms_scaling").orElse(false)) {
      throw config.invalid("rms_scaling", "expected false");
    }
    double epsilon = config.node().path("epsilon").asDouble(-1);
    if (!(epsilon >= 0 && epsilon <= 1)) {
      throw config.invalid("epsilon", "expected a number from 0 to 1");
    }
    boolean rms = type == NormType.RMS;
    return new LayerSpec.Norm(
        type,
        epsilon,
        !rms && config.flag("center").orElse(true),
        rms || config.flag("scale").orElse(true));
  }

  private static Kind standardize(JsonObject config, boolean hasTime) {
    JsonNode axis = config.node().path("axis");
    if (!axis.isArray() || !axis.isEmpty()) { // null or [] for one number for all
      expectFeatures(config, hasTime);
    }
    double[] mean = config.numbers("mean");
    double[] variance = config.numbers("variance");
    if ((mean == null) != (variance == null)) {
      throw config.invalid("variance", "expected with mean, or neither");
    }
    return new LayerSpec.Standardize(mean, variance, config.flag("invert").orElse(false));
  }

  private static Kind rescale(JsonObject config) {
    double[] scale = config.numbers("scale");
    double[] offset = config.numbers("offset");
    if (scale == null) {
      throw config.invalid("scale", "expected numbers");
    }
    return new LayerSpec.Scale(scale, offset == null ? new double[] {0} : offset);
  }

  private static Kind slopes(JsonObject config, boolean hasTime) {
    JsonNode shared = config.node().path("shared_axes");
    boolean ofSteps = shared.isArray() && shared.size() == 1 && shared.path(0).asInt(0) == 1;
    if (hasTime && !ofSteps) {
      throw config.invalid(
          "shared_axes", "expected [1], so that each step has the same slopes, found " + shared);
    }
    if (!hasTime && shared.isArray() && !shared.isEmpty()) {
      throw config.invalid("shared_axes", "expected none, found " + shared);
    }
    return new LayerSpec.Slopes();
  }

  private Kind conv(JsonObject config) {
    int taps = config.single("kernel_size", MAX_TAPS);
    String padding = config.text("padding");
    if (!padding.equals("causal") && taps > 1) {
      throw config.invalid(
          "padding",
          "expected causal, found "
              + padding
              + (padding.equals("same")
                  ? ", which reads future tokens"
                  : ", which gives fewer steps than there are tokens")
              + "; train with padding='causal'");
    }
    String format = config.node().path("data_format").asString("channels_last");
    if (!format.equals("channels_last")) {
      throw config.invalid("data_format", "expected channels_last, found " + format);
    }
    for (String field : List.of("strides", "groups")) {
      if (config.node().has(field) && config.single(field, MAX_TAPS) != 1) {
        throw config.invalid(field, "expected 1, found " + config.node().get(field));
      }
    }
    int dilation =
        config.node().has("dilation_rate") ? config.single("dilation_rate", MAX_TAPS) : 1;
    return new LayerSpec.Conv(
        config.units("filters"), taps, dilation, acts.read(config, "activation"), bias(config));
  }
}
