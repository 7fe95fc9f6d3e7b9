package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.network.OutputActivation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.json} says of a network, whichever format its weights have.
 *
 * @param file how errors name config.json
 * @param type of the recurrent layers: rnn, gru or lstm, or onnx for whatever a graph says; where
 *     not given, the weights file tells
 * @param nonlinearity of an rnn's layers; tanh where not given
 * @param inputSize length of the features, where given
 * @param hiddenActivation between the layers of a head
 * @param activation of the outputs, where given
 * @param labels of the outputs; none where not given
 */
public record NetworkConfig(
    String file,
    Optional<String> type,
    Optional<Activation> nonlinearity,
    Optional<Integer> inputSize,
    Activation hiddenActivation,
    Optional<OutputActivation> activation,
    List<String> labels) {

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

  /** Takes these fields from the file. */
  public static NetworkConfig read(ConfigFile config) {
    Fields top = config.top();
    Optional<String> type = top.choice("model_type", Choices.of(TYPES));
    Optional<Activation> nonlinearity = top.choice("nonlinearity", NONLINEARITIES);
    if (nonlinearity.isPresent() && type.isPresent() && !type.get().equals("rnn")) {
      throw top.invalid("nonlinearity", "is a field of model_type rnn, not of " + type.get());
    }
    Fields output = config.output();
    return new NetworkConfig(
        config.file(),
        type,
        nonlinearity,
        config.input().positive("size", MAX_INPUT),
        output.choice("hidden_activation", HIDDEN_ACTIVATIONS).orElse(Activation.RELU),
        output.choice("activation", ACTIVATIONS),
        output.plainTexts("labels"));
  }
}
