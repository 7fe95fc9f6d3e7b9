package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.network.OutputActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * The fields of {@code config.json} that describe a network, for weights in any format.
 *
 * @param file the name of config.json in errors
 * @param type the type of the recurrent layers: rnn, gru or lstm, or onnx for any graph; if empty,
 *     the weights file decides
 * @param nonlinearity the activation of rnn layers; tanh if empty
 * @param inputSize the number of features n_x, if given
 * @param hiddenActivation the activation between the layers of the head
 * @param heads the heads; one, of the fields in {@code output}, unless {@code outputs} names
 *     several
 */
@Internal
public record NetworkConfig(
    String file,
    Optional<String> type,
    Optional<Activation> nonlinearity,
    Optional<Integer> inputSize,
    Activation hiddenActivation,
    List<Head> heads) {

  /**
   * A head.
   *
   * @param name empty for the head of {@code output}
   * @param place its path in config.json, for errors
   * @param activation the activation of the outputs, if given
   * @param labels the labels of the outputs; empty if not given
   */
  public record Head(
      String name, String place, Optional<OutputActivation> activation, List<String> labels) {}

  private static final int MAX_INPUT = 1 << 24;

  private static final List<String> TYPES = List.of("rnn", "gru", "lstm", "onnx");
  private static final Map<String, Activation> NONLINEARITIES =
      Choices.of(List.of("tanh", "relu"), List.of(Activation.TANH, Activation.RELU));
  private static final Map<String, Activation> HIDDEN_ACTIVATIONS =
      Choices.of(
          List.of("relu", "tanh", "sigmoid", "identity"),
          List.of(Activation.RELU, Activation.TANH, Activation.SIGMOID, Activation.IDENTITY));
  private static final Map<String, OutputActivation> ACTIVATIONS =
      Choices.of(List.of("softmax", "sigmoid", "identity"), List.of(OutputActivation.values()));

  /**
   * Reads these fields.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException when a field is invalid
   */
  public static NetworkConfig read(ConfigFile config) {
    Fields top = config.top();
    Optional<String> type = top.choice("model_type", Choices.of(TYPES));
    Optional<Activation> nonlinearity = top.choice("nonlinearity", NONLINEARITIES);
    if (nonlinearity.isPresent() && type.isPresent() && !type.get().equals("rnn")) {
      throw top.invalid(
          "nonlinearity", "expected only with model_type rnn, found model_type " + type.get());
    }
    Fields output = config.output();
    return new NetworkConfig(
        config.file(),
        type,
        nonlinearity,
        config.input().positive("size", MAX_INPUT),
        output.choice("hidden_activation", HIDDEN_ACTIVATIONS).orElse(Activation.RELU),
        heads(config));
  }

  private static List<Head> heads(ConfigFile config) {
    if (config.outputs().isEmpty()) {
      return List.of(head("", "output", config.output()));
    }
    List<Head> heads = new ArrayList<>();
    for (Fields of : config.outputs()) {
      String place = "outputs[" + heads.size() + "]";
      String name = of.plainText("name").orElseThrow(() -> of.missing("name"));
      for (Head other : heads) {
        if (other.name().equals(name)) {
          throw of.invalid(
              "name", "expected another name than '" + name + "', the name of " + other.place());
        }
      }
      heads.add(head(name, place, of));
    }
    return heads;
  }

  private static Head head(String name, String place, Fields of) {
    return new Head(name, place, of.choice("activation", ACTIVATIONS), of.plainTexts("labels"));
  }

  /** Whether {@code outputs} names the heads. */
  public boolean namesHeads() {
    return !heads.get(0).name().isEmpty();
  }

  /** The labels of the first head; empty if not given. */
  public List<String> labels() {
    return heads.get(0).labels();
  }
}
