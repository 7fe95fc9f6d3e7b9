package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fingerprint identifies the models that can continue from each other's hidden states. It must
 * change with everything that a&lt;t&gt; depends on, and with nothing else.
 */
class FingerprintTest {
  private static final String PARAMETERS =
      "{'Waa': [[0.5, -0.25], [0.125, 1]], 'Wax': [[1, 2], [3, 4]], 'ba': [0.75, 0],"
          + " 'Wya': [[1, 0]], 'by': [0.5]}";

  @TempDir private Path path;

  private ModelDirectory directory;
  private RnnModel original;

  @BeforeEach
  void smallNetwork() throws IOException {
    directory =
        ModelDirectory.in(path.resolve("model"))
            .parameters(PARAMETERS)
            .vocabulary("a", "b")
            .config(withOutput("{'input': {'type': 'vocabulary'}}"));
    original = directory.load();
  }

  /** A model with one output needs this, unless the config sets the output. */
  private static String withOutput(String config) {
    return config.contains("'output'")
        ? config
        : config.replaceFirst("}$", ", 'output': {'activation': 'identity'}}");
  }

  private static SafeTensorsFile pytorch(float... bias) {
    return new SafeTensorsFile()
        .f64("rnn.weight_ih_l0", new int[] {2, 2}, 1, 2, 3, 4)
        .f32("rnn.weight_hh_l0", new int[] {2, 2}, 0.5f, -0.25f, 0.125f, 1)
        .f32("rnn.bias_ih_l0", new int[] {2}, bias[0] - 0.25f, bias[1] - 1)
        .f32("rnn.bias_hh_l0", new int[] {2}, 0.25f, 1)
        .f32("fc.weight", new int[] {1, 2}, 1, 0)
        .f32("fc.bias", new int[] {1}, 0.5f);
  }

  @Test
  void isTheSameFromEveryLoad() throws IOException {
    assertThat(directory.load().fingerprint()).isEqualTo(original.fingerprint());
    assertThat(directory.load().version()).isEqualTo(original.version());
  }

  // Saved states and released versions contain these values, so another computation is a breaking
  // change.
  @Test
  void isTheSameInEveryRelease() {
    assertThat(original.fingerprint()).isEqualTo(0x236e5c42d49982efL);
    assertThat(original.version()).isEqualTo("85ca3c1c4f7a42dc");
  }

  /**
   * For every kind of layer, and for heads with activations, embeddings, learned initial states and
   * step graphs.
   */
  @ParameterizedTest
  @CsvSource({
    "golden, course-rnn, 3562dc551ee0de45, 17e62e6f7d1bb108",
    "golden, gru, 31d8d58337f885cb, 7aff4f05e981bc84",
    "golden, gru-3-layers-words, 5185eb36cab5cc55, dc02184896ec0a23",
    "golden, lstm, 10e3723298259509, ada4f740fe32b426",
    "golden, lstm-2-layers, ed4ce231c453a3df, d5741c4fd9661603",
    "golden, lstm-projected, 02af7de2207cfaa7, d4183cb6fa3dfe34",
    "golden, lstm-words-bf16, 86a85f21b0221409, b1a795a4582d9326",
    "golden, rnn-no-bias, d00233f31fd4e5cc, dbeae01df02f12bf",
    "golden, rnn-relu, aaea4c8254196a99, 584eb549afce2e06",
    "golden, rnn-tanh, f3c84e9b532bb400, 5b79df70bf8a93c4",
    "keras, dense-chain, 28ae780a6df40115, 3a21092aa909a1c6",
    "keras, gru-reset-before, 99372f9881874efa, b7b7362a50821f65",
    "keras, hard-sigmoid, 4017d397e4abd475, 53bb4ed45b3a2706",
    "keras, words-lstm, 4453201ac723d19c, 6ca54c911695cd73",
    "onnx, gru-last-step-deep-head, d1fa731c20430da1, 1e828a2ea9a1f297",
    "onnx, gru-learned-state, af96db477ba9a46d, c772d6eec813e269",
    "onnx, lstm-words, 58f0716eaf412b58, b926c9fd720ff399",
    "onnx, step-coupled-lstm, 21ceb8b6a3d5b6fd, baf4264918ad20c5"
  })
  void ofEveryKindIsTheSameInEveryRelease(
      String folder, String name, String fingerprint, String version) throws IOException {
    try (RnnModel model = GoldenCase.of(folder, name).model()) {
      assertThat(String.format("%016x", model.fingerprint())).isEqualTo(fingerprint);
      assertThat(model.version()).isEqualTo(version);
    }
  }

  @Test
  void isTheSameFromEveryFormat() throws IOException {
    Files.delete(directory.path("parameters.json"));
    RnnModel loaded = directory.safetensors(pytorch(0.75f, 0)).load();
    assertThat(loaded.fingerprint()).isEqualTo(original.fingerprint());
    assertThat(loaded.version()).isEqualTo(original.version());
    RnnModel other = directory.safetensors(pytorch(0.75f, 0.5f)).load();
    assertThat(other.fingerprint()).isNotEqualTo(original.fingerprint());
  }

  @ParameterizedTest
  @CsvSource({"-0.25, -0.25000003", "0.125, 0.126", "'[3, 4]', '[4, 3]'", "'[0.75, 0]', '[0, 0]'"})
  void changesWithEveryWeightOfTheRecurrence(String from, String to) throws IOException {
    assertThat(PARAMETERS).contains(from);
    RnnModel changed = directory.parameters(PARAMETERS.replace(from, to)).load();
    assertThat(changed.fingerprint()).isNotEqualTo(original.fingerprint());
    assertThat(changed.version()).isNotEqualTo(original.version());
  }

  @ParameterizedTest
  @CsvSource({"'[1, 0]', '[1, 0.5]'", "'[0.5]', '[0.25]'", "'[[1, 0]]', '[[1, 1]]'"})
  void theHeadChangesOnlyTheVersion(String from, String to) throws IOException {
    assertThat(PARAMETERS).contains(from);
    RnnModel changed = directory.parameters(PARAMETERS.replace(from, to)).load();
    assertThat(changed.fingerprint()).isEqualTo(original.fingerprint());
    assertThat(changed.version()).isNotEqualTo(original.version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'nonlinearity': 'relu'}",
        "{'input': {'type': 'features'}}",
        "{'input': {'unknown_token': 'b'}}",
        "{'input': {'lowercase': true}}"
      })
  void changesWithOptionsThatAffectTheStep(String config) throws IOException {
    assertThat(directory.config(withOutput(config)).load().fingerprint())
        .isNotEqualTo(original.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'name': 'other'}",
        "{'version': '8'}",
        "{'model_type': 'rnn', 'nonlinearity': 'tanh'}",
        "{'output': {'labels': ['x'], 'activation': 'sigmoid'}}"
      })
  void doesNotChangeWithOtherOptions(String config) throws IOException {
    assertThat(directory.config(withOutput(config)).load().fingerprint())
        .isEqualTo(original.fingerprint());
  }

  @Test
  void changesWithTheVocabulary() throws IOException {
    assertThat(directory.vocabulary("b", "a").load().fingerprint())
        .isNotEqualTo(original.fingerprint());
    assertThat(directory.vocabulary("a", "c").load().fingerprint())
        .isNotEqualTo(original.fingerprint());
  }

  @Test
  void changesWithTheEmbedding() throws IOException {
    Files.delete(directory.path("parameters.json"));
    SafeTensorsFile one = pytorch(0.75f, 0).f32("e", new int[] {2, 2}, 1, 0, 0, 1);
    SafeTensorsFile two = pytorch(0.75f, 0).f32("e", new int[] {2, 2}, 1, 0, 0, 2);
    long first = directory.safetensors(one).load().fingerprint();
    assertThat(first).isNotEqualTo(original.fingerprint());
    assertThat(directory.safetensors(two).load().fingerprint()).isNotEqualTo(first);
  }
}
