package io.github.flinkrnn.formats.keras;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Valid HDF5 files that must not be read, or that need more than a file may. */
@Timeout(20)
class RefusedWeightsTest {
  private static KerasFiles files(String name) throws IOException {
    return new KerasFiles()
        .with("model.weights.h5", KerasFiles.resource("refused/" + name + ".h5"))
        .with("config.json", "{'model_type': 'rnn'}");
  }

  private static String rejected(KerasFiles files) {
    return catchThrowableOfType(InvalidFileException.class, files::load).getMessage();
  }

  @Test
  void readsTheFileThatTheOtherTestsChange() throws IOException {
    assertThat(files("sound").load().parameters()).isEqualTo(6 + 9 + 3 + 6 + 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "chunked; '/layers/dense/vars/1': cannot be read as HDF5: expected contiguous storage",
        "float16; cannot be read as HDF5: expected float32 or float64, found FloatingPoint of 2 bytes",
        "integers; cannot be read as HDF5: expected float32 or float64, found FixedPoint of 4 bytes",
        "nan; '/layers/dense/vars/1': expected finite float32 numbers, found NaN at index 1",
        "too-large-for-float32; '/layers/dense/vars/1': expected finite float32 numbers, found Infinity",
        "huge; '/layers/dense/vars/1': cannot be read as HDF5: integer overflow",
        "never-written; cannot be read as HDF5: expected bytes in the file, found 8 at -1 outside",
        "scalar; '/layers/dense/vars/1': expected [2], found []",
        "soft-link; '/layers/dense/vars': cannot be read as HDF5: expected only hard links, found '1'",
        "external-link; '/layers/dense/vars': cannot be read as HDF5:",
        "loop; '/layers/dense/loop': cannot be read as HDF5: linked twice",
        "b-tree-2; '/many': cannot be read as HDF5: expected no links in a version 2 B-tree",
        "deep; expected at most 10000 objects and 12 levels, found more",
        "unused; layer 'dense': expected 2 weights, found 3",
        "elsewhere; '/mine/vars/0': expected only weights of the layers, found weights that no layer",
        "unknown-class; layer 'conv1d': not supported: the weights do not show what the layer does",
        "circular; '/': cannot be read as HDF5: nested too deeply",
        "nested-types; '/layers/dense/vars/1': cannot be read as HDF5: nested too deeply",
        "branching; '/': cannot be read as HDF5: expected a structure of at most 8388608 bytes"
      })
  void rejects(String name, String problem) throws IOException {
    assertThat(rejected(files(name))).startsWith("m/model.weights.h5: ").contains(problem);
  }

  // Between an encoder and a decoder, this layer would be the only sign that one does not feed the
  // other.
  @Test
  void rejectsAnUnknownLayerWithoutWeights() throws IOException {
    byte[] weights =
        KerasFiles.entries(KerasFiles.resource("lstm-2-layers/model/model.keras"))
            .get("model.weights.h5");
    KerasFiles files =
        new KerasFiles()
            .with("model.weights.h5", weights)
            .with("config.json", "{'model_type': 'lstm'}");
    assertThat(files.load().cellTypes()).hasSize(2);
    String flattened = new String(weights, ISO_8859_1).replace("dropout", "flatten");
    files.with("model.weights.h5", flattened.getBytes(ISO_8859_1));
    assertThat(rejected(files))
        .isEqualTo(
            "m/model.weights.h5: layer 'flatten': not supported: the layer has no weights; save the"
                + " whole model, or put the text of model.to_json() in model.json");
    String other = new String(weights, ISO_8859_1).replace("layers", "lagers");
    files.with("model.weights.h5", other.getBytes(ISO_8859_1));
    assertThat(rejected(files))
        .isEqualTo("m/model.weights.h5: '/layers': missing: expected the weights of a Keras model");
  }

  /** A name with backslashes is a path, as on Windows, and no deeper than other paths. */
  @Test
  void aNameMayNotHoldManyGroups() throws IOException {
    byte[] deep =
        new String(KerasFiles.resource("refused/unknown-class.h5"), ISO_8859_1)
            .replace("conv1d", "a\\b\\c\\")
            .getBytes(ISO_8859_1);
    assertThat(rejected(files("sound").with("model.weights.h5", deep)))
        .isEqualTo(
            "m/model.weights.h5: layer 'a/b/c/': not supported: the weights do not show what the"
                + " layer does; save the whole model, or put the text of model.to_json() in"
                + " model.json");
    byte[] deeper =
        new String(KerasFiles.resource("refused/unknown-class.h5"), ISO_8859_1)
            .replace("simple_rnn", "\\\\\\\\\\\\\\\\\\\\")
            .getBytes(ISO_8859_1);
    assertThat(rejected(files("sound").with("model.weights.h5", deeper)))
        .endsWith("expected at most 10000 objects and 12 levels, found more");
  }

  @Test
  void oneOutputNeedsItsActivation() throws IOException {
    KerasFiles files = files("one-output");
    assertThat(rejected(files))
        .startsWith(
            "m/config.json: output.activation: missing: expected sigmoid or identity, because"
                + " m/model.weights.h5 has one output");
    files.with("config.json", "{'model_type': 'rnn', 'output': {'activation': 'identity'}}");
    assertThat(files.load().activationName()).isEqualTo("identity");
  }

  @Test
  void rejectsAnEmbeddingWithoutColumns() throws IOException {
    assertThat(rejected(files("no-columns").with("vocab.txt", "a\nb\nc\n")))
        .isEqualTo(
            "m/model.weights.h5: '/layers/embedding/vars/0': expected at least one column, found [3 × 0]");
  }

  @Test
  void rejectsOnlyWeightsWithoutModelType() throws IOException {
    assertThat(rejected(files("sound").with("config.json", "{}")))
        .isEqualTo(
            "m/config.json: model_type: missing: expected rnn, gru or lstm for weights"
                + " without an architecture");
    assertThat(rejected(files("sound").with("config.json", "{'model_type': 'lstm'}")))
        .isEqualTo(
            "m/model.weights.h5: layer 'simple_rnn/cell': expected a layer of model_type lstm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'model_type': 'rnn', 'recurrent': 'rnn'}; recurrent",
        "{'model_type': 'rnn', 'initial_state': 'h0'}; initial_state",
        "{'model_type': 'rnn', 'input': {'embedding': 'e'}}; input.embedding",
        "{'model_type': 'rnn', 'output': {'head': 'fc'}}; output.head"
      })
  void rejectsNamesOfTensors(String config, String field) throws IOException {
    assertThat(rejected(files("sound").with("config.json", config)))
        .isEqualTo(
            "m/config.json: "
                + field
                + ": expected only for a state_dict, found the weights in model.weights.h5");
  }

  @Test
  void rejectsFilesThatAreNotHdf5() throws IOException {
    assertThat(rejected(files("sound").with("model.weights.h5", "safetensors")))
        .startsWith("m/model.weights.h5: HDF5 superblock: cannot be read as HDF5: ");
    assertThat(rejected(files("sound").with("model.weights.h5", new byte[0])))
        .startsWith("m/model.weights.h5: HDF5 superblock: cannot be read as HDF5: ");
  }
}
