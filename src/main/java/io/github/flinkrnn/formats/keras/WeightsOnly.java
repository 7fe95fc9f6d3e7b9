package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.keras.LayerSpec.CellType;
import io.github.flinkrnn.formats.keras.LayerSpec.Source;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.network.OutputActivation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the layers in weights without an architecture, by these rules:
 *
 * <ul>
 *   <li>A group {@code embedding/vars}, {@code CLASS/cell/vars}, {@code dense/vars} or {@code
 *       time_distributed/layer/vars} is a layer.
 *   <li>The layers of a class are in the order of their numbers, in which Keras creates them.
 *   <li>The recurrent layers are of {@code model_type}, and come after the embedding and before the
 *       Dense layers. Their kernels have 1, 3 or 4 column blocks for an rnn, gru or lstm.
 *   <li>A GRU has {@code reset_after} if its bias is a matrix, and not if it is a vector.
 *   <li>Activations are the defaults of Keras, or come from {@code config.json}.
 * </ul>
 */
final class WeightsOnly {
  private static final Pattern GROUP =
      Pattern.compile(
          "(?:(embedding)|(simple_rnn|gru|lstm)|(dense|time_distributed))(?:_(\\d{1,6}))?"
              + "(/cell|/layer)?");

  // Layers without weights that do not change a step, apart from an activation that config.json
  // defines.
  private static final Pattern IDLE =
      Pattern.compile(
          "(input_layer|dropout|spatial_dropout1d|alpha_dropout|gaussian_dropout|gaussian_noise"
              + "|activity_regularization|identity|activation)(_\\d{1,6})?");

  private static final String INSTEAD =
      "; save the whole model, or put the text of model.to_json() in model.json";

  private record Numbered(int number, LayerSpec layer) {}

  private final String file;
  private final Weights weights;
  private final NetworkConfig config;
  private final KerasActivations acts = new KerasActivations("");
  private final List<Numbered> embeddings = new ArrayList<>();
  private final List<Numbered> recurrent = new ArrayList<>();
  private final List<Numbered> denses = new ArrayList<>();

  WeightsOnly(String file, Weights weights, NetworkConfig config) {
    this.file = file;
    this.weights = weights;
    this.config = config;
  }

  /** The layers, bottom first. */
  List<LayerSpec> layers() {
    if (config.type().isEmpty()) {
      throw new InvalidFileException(
          config.file(),
          "model_type",
          "missing: expected rnn, gru or lstm for weights without an architecture");
    }
    String headClass = null;
    for (String group : weights.groups()) {
      Matcher match = GROUP.matcher(group);
      if (!match.matches()) {
        throw invalid(
            group, "not supported: the weights do not show what the layer does" + INSTEAD);
      }
      if (match.group(3) != null) {
        if (headClass != null && !headClass.equals(match.group(3))) {
          throw invalid(
              group,
              "expected layers of one class after the recurrent layers, found also " + headClass);
        }
        headClass = match.group(3);
      }
      add(group, match);
    }
    refuseLayersWithoutWeights();
    List<LayerSpec> layers = new ArrayList<>();
    for (List<Numbered> kind : List.of(embeddings, recurrent, denses)) {
      kind.sort((a, b) -> Integer.compare(a.number(), b.number()));
      kind.forEach(numbered -> layers.add(numbered.layer()));
    }
    if (!denses.isEmpty()) {
      int last = layers.size() - 1;
      layers.set(last, layers.get(last).withAct(act(outputActivation())));
    }
    return layers;
  }

  /**
   * Rejects layers with an unknown effect. A RepeatVector, for example, separates an encoder from a
   * decoder, and has no weights.
   */
  private void refuseLayersWithoutWeights() {
    Set<String> weighing = new HashSet<>();
    weights.groups().forEach(group -> weighing.add(group.replaceFirst("/.*", "")));
    for (String name : weights.names()) {
      if (!weighing.contains(name) && !IDLE.matcher(name).matches()) {
        throw invalid(name, "not supported: the layer has no weights" + INSTEAD);
      }
    }
  }

  private void add(String group, Matcher match) {
    int number = match.group(4) == null ? 0 : Integer.parseInt(match.group(4));
    if (match.group(1) != null) {
      embeddings.add(new Numbered(number, spec(group, new LayerSpec.Embedding(0, false))));
    } else if (match.group(2) != null) {
      recurrent.add(new Numbered(number, recurrent(group, match.group(2))));
    } else {
      KerasActivation act = act(nameOf(config.hiddenActivation()));
      denses.add(new Numbered(number, spec(group, new LayerSpec.Dense(0, act, Optional.empty()))));
    }
  }

  private LayerSpec recurrent(String group, String className) {
    CellType type = type(config.type().orElseThrow());
    if (!className.equals(
        type == CellType.SIMPLE_RNN ? "simple_rnn" : config.type().orElseThrow())) {
      throw invalid(group, "expected a layer of model_type " + config.type().orElseThrow());
    }
    LayerSpec layer = spec(group, new LayerSpec.Dense(0, KerasActivation.LINEAR, Optional.empty()));
    List<String> paths = weights.paths(layer);
    if (type == CellType.GRU && paths.size() != 3) {
      throw invalid(group, "missing: expected a bias, which shows reset_after" + INSTEAD);
    }
    boolean resetAfter = type == CellType.GRU && weights.shape(paths.get(2)).length == 2;
    KerasActivation act = act(nameOf(config.nonlinearity().orElse(Activation.TANH)));
    KerasActivation gate = type == CellType.SIMPLE_RNN ? null : act("sigmoid");
    return spec(group, new LayerSpec.Cell(type, 0, act, gate, resetAfter, paths.size() > 2));
  }

  private static LayerSpec spec(String group, LayerSpec.Kind kind) {
    Source source = new Source("@/" + group, group, "", 0, false);
    return new LayerSpec("layer '" + group + "'", source, kind);
  }

  private String outputActivation() {
    OutputActivation activation =
        config.heads().get(0).activation().orElse(OutputActivation.SOFTMAX);
    return activation == OutputActivation.IDENTITY ? "linear" : lower(activation);
  }

  private KerasActivation act(String name) {
    return acts.named(name);
  }

  /** The class for a {@code model_type}. */
  static CellType type(String modelType) {
    return modelType.equals("rnn")
        ? CellType.SIMPLE_RNN
        : modelType.equals("gru") ? CellType.GRU : CellType.LSTM;
  }

  /** The name in Keras of an activation that config.json supports. */
  static String nameOf(Activation activation) {
    return activation == Activation.IDENTITY ? "linear" : lower(activation);
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  private InvalidFileException invalid(String group, String problem) {
    return new InvalidFileException(file, "layer '" + group + "'", problem);
  }
}
