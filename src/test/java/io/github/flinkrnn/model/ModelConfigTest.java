package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.network.OutputActivation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** config.json: the defaults, and the values that are rejected. */
class ModelConfigTest {
  @TempDir private Path path;

  private ModelDirectory model;

  // 3 inputs, 2 units, 2 outputs: a<1> for x = 1, 0, 0 is g(1) and g(-1).
  @BeforeEach
  void smallNetwork() throws IOException {
    model =
        ModelDirectory.in(path.resolve("tagger"))
            .safetensors(
                new SafeTensorsFile()
                    .f32("rnn.weight_ih_l0", new int[] {2, 3}, 1, 0, 0, -1, 0, 0)
                    .zeros("rnn.weight_hh_l0", 2, 2)
                    .zeros("fc.weight", 2, 2));
  }

  private String rejected() {
    return InvalidFile.message(model::load);
  }

  private String rejected(String config) throws IOException {
    model.config(config);
    String message = rejected();
    String file = model.path("config.json") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  private float[] firstState() throws IOException {
    RnnModel loaded = model.load();
    float[] next = loaded.initialState();
    loaded.stepper().step(new float[] {1, 0, 0}, loaded.initialState(), next);
    return next;
  }

  @Test
  void hasTheDocumentedDefaults() throws IOException {
    RnnModel loaded = model.load();
    assertThat(loaded.name()).isEqualTo("tagger");
    assertThat(loaded.version()).matches("[0-9a-f]{16}");
    assertThat(loaded.labels()).isEmpty();
    assertThat(loaded.input()).isEqualTo(new ModelInput.Features(3));
    assertThat(loaded.heads().get(0).activation()).isEqualTo(OutputActivation.SOFTMAX);
    assertThat(firstState()).containsExactly(0.7615942f, -0.7615942f);
  }

  @Test
  void everyFieldIsObeyed() throws IOException {
    model
        .config(
            """
            {'model_type': 'rnn', 'nonlinearity': 'relu', 'name': 'n', 'version': '7',
             'input': {'type': 'features', 'size': 3},
             'output': {'activation': 'identity', 'labels': ['a', 'b'], 'head': 'fc.weight'}}
            """)
        .vocabulary("not", "looked", "at");
    RnnModel loaded = model.load();
    assertThat(loaded.name()).isEqualTo("n");
    assertThat(loaded.version()).isEqualTo("7");
    assertThat(loaded.labels()).containsExactly("a", "b");
    assertThat(loaded.input()).isEqualTo(new ModelInput.Features(3));
    assertThat(loaded.heads().get(0).activation()).isEqualTo(OutputActivation.IDENTITY);
    assertThat(firstState()).containsExactly(1, 0);
  }

  @Test
  void vocabularyFileMakesTheInputWords() throws IOException {
    model.vocabulary("a", "b", "c");
    assertThat(model.load().input()).isInstanceOf(ModelInput.Words.class);
  }

  // Otherwise a misspelt file name would silently turn a word model into a features model.
  @Test
  void namedVocabularyFileMustBeThere() throws IOException {
    model.config("{'input': {'file': 'wrods.txt'}}");
    assertThat(rejected())
        .isEqualTo(model.path("wrods.txt") + ": missing: expected the words of a vocabulary model");
    model.write("wrods.txt", "a\nb\nc");
    assertThat(model.load().input().describe()).isEqualTo("3 words, one-hot");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'nonlinearty': 'relu'}; nonlinearty: unknown field (did you mean nonlinearity?);"
            + " expected model_type, nonlinearity, input, output, outputs, inputs, constants, layers, recurrent, initial_state, name, version, state",
        "{'input': {'sise': 3}}; input.sise: unknown field (did you mean size?); expected"
            + " file, type, unknown_token, lowercase, size, embedding, table_mb, scale, fields",
        "{'output': {'lables': []}}; output.lables: unknown field (did you mean labels?);"
            + " expected head, hidden_activation, activation, labels, unscale, tensor, hidden, read",
        "{'hidden_size': 2}; hidden_size: unknown field; expected model_type,"
            + " nonlinearity, input, output, outputs, inputs, constants, layers, recurrent, initial_state, name, version, state"
      })
  void rejectsUnknownField(String config, String problem, String expected) throws IOException {
    assertThat(rejected(config)).isEqualTo(problem + "; " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'model_type': 'rnm'};  model_type: expected rnn or gru or lstm or onnx, found 'rnm' (did you mean rnn?)",
        "{'model_type': 'transformer'};  model_type: expected rnn or gru or lstm or onnx, found 'transformer'",
        "{'nonlinearity': 'sigmoid'};  nonlinearity: expected tanh or relu, found 'sigmoid'",
        "{'nonlinearity': 'tahn'};  nonlinearity: expected tanh or relu, found 'tahn' (did you mean"
            + " tanh?)",
        "{'input': {'type': 'word'}};  input.type: expected vocabulary or features, found 'word'",
        "{'output': {'activation': 'softmx'}};  output.activation: expected softmax or sigmoid or"
            + " identity, found 'softmx' (did you mean softmax?)",
        "{'input': 'words'};  input: expected an object, found 'words'",
        "{'input': {'size': 0}};  input.size: expected an integer from 1 to 16777216, found 0",
        "{'input': {'lowercase': 1}};  input.lowercase: expected true or false, found 1",
        "{'name': 7};  name: expected a string, found 7",
        "{'output': {'labels': ['a', 'a']}};  output.labels: expected distinct elements, found 'a' twice",
        "{'output': {'labels': 'a'}};  output.labels: expected an array, found 'a'",
        "{'output': {'labels': [1, 2]}};  output.labels[0]: expected a string, found 1"
      })
  void rejectsWrongValue(String config, String problem) throws IOException {
    assertThat(rejected(config)).isEqualTo(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../vocab.txt", "/etc/words", "a/b.txt", "..\\\\vocab.txt", "a\\u0000b"})
  void rejectsVocabularyOutsideTheDirectory(String file) throws IOException {
    assertThat(rejected("{'input': {'file': '" + file + "'}}"))
        .isEqualTo("input.file: expected the name of a file next to config.json, found a path");
  }

  @Test
  void rejectsAnInputSizeOtherThanThatOfTheWeights() throws IOException {
    assertThat(rejected("{'input': {'size': 4}}"))
        .isEqualTo("input.size: expected 3 as in the weights, found 4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{} {}", "{'name': 'a', 'name': 'b'}", "// {}"})
  void rejectsConfigThatIsNotAnObject(String config) throws IOException {
    assertThat(rejected(config)).isNotEmpty();
  }

  @Test
  void rejectsConfigOfMoreThanAMebibyte() throws IOException {
    assertThat(rejected(" ".repeat(1 << 20) + "{}"))
        .isEqualTo("expected at most 1048576 bytes, found more");
  }

  @Test
  void needsNoConfigIfAllDefaultsApply() throws IOException {
    Files.delete(model.path("config.json"));
    RnnModel loaded = model.load();
    assertThat(loaded.name()).isEqualTo("tagger");
    assertThat(loaded.heads().get(0).activation()).isEqualTo(OutputActivation.SOFTMAX);
  }

  // The softmax of a single number is always 1.0.
  @Test
  void oneOutputNeedsItsActivation() throws IOException {
    model.safetensors(
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 2, 3)
            .zeros("rnn.weight_hh_l0", 2, 2)
            .zeros("fc.weight", 1, 2));
    Files.delete(model.path("config.json"));
    assertThat(rejected())
        .isEqualTo(
            model.path("config.json")
                + ": output.activation: missing: expected sigmoid or identity, because "
                + model.path("model.safetensors")
                + " has one output, whose softmax is always 1.0 (set softmax if that is intended)");
    for (OutputActivation activation : OutputActivation.values()) {
      String name = activation.name().toLowerCase(Locale.ROOT);
      model.config("{'output': {'activation': '" + name + "'}}");
      assertThat(model.load().heads().get(0).activation()).isEqualTo(activation);
    }
    Files.delete(model.path("model.safetensors"));
    model.parameters("{'Waa': [[0]], 'Wax': [[0]], 'Wya': [[0]]}");
    assertThat(rejected("{}"))
        .startsWith("output.activation: missing: expected sigmoid or identity, because ");
  }

  @Test
  void rejectsBothOrNeitherWeightsFile() throws IOException {
    String one =
        "expected one of model.safetensors, parameters.json, model.onnx, model.keras, model.h5,"
            + " model.weights.h5 in the model directory, found ";
    model.parameters("{}");
    assertThat(rejected()).isEqualTo(model + ": " + one + "model.safetensors and parameters.json");
    Files.delete(model.path("model.safetensors"));
    Files.delete(model.path("parameters.json"));
    assertThat(rejected()).isEqualTo(model + ": " + one + "none");
  }

  /** They are in log lines and on terminals that show the model. */
  @Test
  void namesAndLabelsContainNoControlCharacters() throws IOException {
    String found = "expected no control characters, found ";
    assertThat(rejected("{\"name\": \"a\\u001b[2Jb\"}"))
        .isEqualTo("name: " + found + "'a\\u001B[2Jb'");
    assertThat(rejected("{\"version\": \"1\\n2\"}")).isEqualTo("version: " + found + "'1\\n2'");
    assertThat(rejected("{\"output\": {\"labels\": [\"O\", \"P\\u202e\"]}}"))
        .isEqualTo("output.labels: " + found + "'P\\u202E'");
    assertThat(rejected("{\"output\": {\"labels\": [\"O\", \"P\\t\"]}}"))
        .isEqualTo("output.labels: " + found + "'P\\t'");
  }
}
