package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.Nonlinearity;
import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.Fields;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's {@code config.json}: what its weights cannot say.
 *
 * @param words whether the input is a vocabulary (else features)
 * @param inputSize length of the features, where given
 * @param embedding the embedding's tensor, where the shapes leave a choice
 * @param head the head's weight tensor, where the shapes leave a choice
 */
record ModelConfig(
    String file,
    Nonlinearity nonlinearity,
    boolean words,
    String vocabularyFile,
    Optional<String> unknownToken,
    boolean lowercase,
    Optional<Integer> inputSize,
    Optional<String> embedding,
    Optional<String> head,
    OutputActivation activation,
    List<String> labels,
    Optional<String> name,
    Optional<String> version) {

  static final String FILE = "config.json";
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_INPUT = 1 << 24;

  private static final Map<String, Nonlinearity> NONLINEARITIES =
      choices("tanh", Nonlinearity.TANH, "relu", Nonlinearity.RELU);
  private static final Map<String, Boolean> INPUT_TYPES =
      choices("vocabulary", true, "features", false);
  private static final Map<String, OutputActivation> ACTIVATIONS =
      choices("softmax", OutputActivation.SOFTMAX, "sigmoid", OutputActivation.SIGMOID);

  static {
    ACTIVATIONS.put("identity", OutputActivation.IDENTITY);
  }

  static ModelConfig read(ModelFiles files) throws IOException {
    String file = files.path(FILE);
    Fields top = Fields.of(file, ConfigJson.parse(file, "", files.read(FILE, MAX_BYTES)));
    top.choice("model_type", Map.of("rnn", "rnn"));
    Fields input = top.object("input");
    String vocabularyFile = fileName(input, input.text("file").orElse("vocab.txt"));
    Optional<Boolean> words = input.choice("type", INPUT_TYPES);
    // A misspelt file name must not turn words into features: a named file has to be there.
    boolean namesWords = input.has("file") || files.exists(vocabularyFile);
    Fields output = top.object("output");
    ModelConfig config =
        new ModelConfig(
            file,
            top.choice("nonlinearity", NONLINEARITIES).orElse(Nonlinearity.TANH),
            words.orElse(namesWords),
            vocabularyFile,
            input.text("unknown_token"),
            input.flag("lowercase", false),
            input.positive("size", MAX_INPUT),
            input.text("embedding"),
            output.text("head"),
            output.choice("activation", ACTIVATIONS).orElse(OutputActivation.SOFTMAX),
            output.texts("labels"),
            top.text("name"),
            top.text("version"));
    input.rejectUnknown();
    output.rejectUnknown();
    top.rejectUnknown();
    return config;
  }

  // The directory is what the user trusts; its config must not reach out of it.
  private static String fileName(Fields input, String name) {
    if (name.contains("/") || name.contains("\\")) {
      throw input.invalid("file", "expected the name of a file beside config.json, found a path");
    }
    return name;
  }

  private static <T> Map<String, T> choices(String a, T first, String b, T second) {
    Map<String, T> choices = new LinkedHashMap<>();
    choices.put(a, first);
    choices.put(b, second);
    return choices;
  }
}
