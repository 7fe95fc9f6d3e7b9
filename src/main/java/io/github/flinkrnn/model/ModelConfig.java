package io.github.flinkrnn.model;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.files.ModelFiles;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.network.OutputActivation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's {@code config.json}: what its weights cannot say.
 *
 * @param type of the cells: rnn, gru or lstm, or onnx for whatever a graph says; where not given,
 *     the weights file tells
 * @param nonlinearity of an rnn's cells; tanh where not given
 * @param recurrent the prefixes of the recurrent tensors, bottom first, where names leave a choice
 * @param initialState the tensors of the state before the first token; none for zeros
 * @param step what a step graph's inputs and outputs are, where their names do not say
 * @param words whether the input is a vocabulary (else features)
 * @param inputSize length of the features, where given
 * @param tableMegabytes how large the table of the words' input parts may be, where given
 * @param embedding the embedding's tensor, where the shapes leave a choice
 * @param head the head's weight tensors in their order, where the shapes leave a choice
 * @param hiddenActivation between the layers of a head
 * @param activation of the outputs, where given
 */
public record ModelConfig(
    String file,
    Optional<String> type,
    Optional<Activation> nonlinearity,
    List<String> recurrent,
    List<String> initialState,
    boolean words,
    String vocabularyFile,
    Optional<String> unknownToken,
    boolean lowercase,
    Optional<Integer> inputSize,
    Optional<String> embedding,
    Optional<Integer> tableMegabytes,
    List<String> head,
    Activation hiddenActivation,
    Optional<OutputActivation> activation,
    List<String> labels,
    Optional<String> name,
    Optional<String> version,
    StepNames step) {

  static final String FILE = "config.json";
  private static final int MAX_BYTES = 1 << 20;
  private static final byte[] NOTHING = {'{', '}'};
  private static final int MAX_INPUT = 1 << 24;
  private static final int MAX_TABLE = 8000; // an array has 2^31 numbers at most

  private static final List<String> TYPES = List.of("rnn", "gru", "lstm", "onnx");
  private static final Map<String, Activation> NONLINEARITIES =
      ordered(List.of("tanh", "relu"), List.of(Activation.TANH, Activation.RELU));
  private static final Map<String, Activation> HIDDEN_ACTIVATIONS =
      ordered(
          List.of("relu", "tanh", "sigmoid", "identity"),
          List.of(Activation.RELU, Activation.TANH, Activation.SIGMOID, Activation.IDENTITY));
  private static final Map<String, Boolean> INPUT_TYPES =
      ordered(List.of("vocabulary", "features"), List.of(true, false));
  private static final Map<String, OutputActivation> ACTIVATIONS =
      ordered(List.of("softmax", "sigmoid", "identity"), List.of(OutputActivation.values()));

  /** What the file says; all defaults where there is none. */
  static ModelConfig read(ModelFiles files) throws IOException {
    String file = files.path(FILE);
    byte[] json = files.exists(FILE) ? files.read(FILE, MAX_BYTES) : NOTHING;
    Fields top = Fields.of(file, ConfigJson.parse(file, "", json));
    Optional<String> type = top.choice("model_type", ordered(TYPES, TYPES));
    Optional<Activation> nonlinearity = top.choice("nonlinearity", NONLINEARITIES);
    if (nonlinearity.isPresent() && type.isPresent() && !type.get().equals("rnn")) {
      throw top.invalid("nonlinearity", "is a field of model_type rnn, not of " + type.get());
    }
    Fields input = top.object("input");
    String vocabularyFile = fileName(input, input.text("file").orElse("vocab.txt"));
    Optional<Boolean> words = input.choice("type", INPUT_TYPES);
    // A misspelt file name must not turn words into features: a named file has to be there.
    boolean namesWords = input.has("file") || files.exists(vocabularyFile);
    Fields output = top.object("output");
    ModelConfig config =
        new ModelConfig(
            file,
            type,
            nonlinearity,
            top.textOrTexts("recurrent"),
            top.isObject("initial_state") ? List.of() : zeros(top.textOrTexts("initial_state")),
            words.orElse(namesWords),
            vocabularyFile,
            input.text("unknown_token"),
            input.flag("lowercase", false),
            input.positive("size", MAX_INPUT),
            input.text("embedding"),
            input.whole("table_mb", 0, MAX_TABLE),
            output.textOrTexts("head"),
            output.choice("hidden_activation", HIDDEN_ACTIVATIONS).orElse(Activation.RELU),
            output.choice("activation", ACTIVATIONS),
            plain(output, "labels", output.texts("labels")),
            plain(top, "name", top.text("name")),
            plain(top, "version", top.text("version")),
            StepNames.read(top, output));
    input.rejectUnknown();
    output.rejectUnknown();
    top.rejectUnknown();
    return config;
  }

  // The directory is what the user trusts; its config must not reach out of it.
  private static String fileName(Fields input, String name) {
    if (name.contains("/") || name.contains("\\") || name.contains("\0")) {
      throw input.invalid("file", "expected the name of a file beside config.json, found a path");
    }
    return name;
  }

  /** What people are shown again and again holds no control characters. */
  private static Optional<String> plain(Fields fields, String name, Optional<String> text) {
    text.ifPresent(t -> plain(fields, name, List.of(t)));
    return text;
  }

  private static List<String> plain(Fields fields, String name, List<String> texts) {
    for (String text : texts) {
      if (Shown.hasControl(text)) {
        throw fields.invalid(
            name, "expected no control characters, found '" + Shown.json(text) + "'");
      }
    }
    return texts;
  }

  private static List<String> zeros(List<String> initialState) {
    return initialState.equals(List.of("zeros")) ? List.of() : initialState;
  }

  private static <T> Map<String, T> ordered(List<String> names, List<T> values) {
    Map<String, T> choices = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      choices.put(names.get(i), values.get(i));
    }
    return choices;
  }
}
