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

/** Sound HDF5 that must not be read, or that asks for more than a file may. */
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
  void readsWhatTheOthersAreMadeOf() throws IOException {
    assertThat(files("sound").load().parameters()).isEqualTo(6 + 9 + 3 + 6 + 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "chunked; '/layers/dense/vars/1': cannot be read as HDF5: is stored in chunks",
        "float16; '/layers/dense/vars/1': cannot be read as HDF5: is FloatingPoint of 2 bytes",
        "integers; '/layers/dense/vars/1': cannot be read as HDF5: is FixedPoint of 4 bytes",
        "nan; '/layers/dense/vars/1': number 1 is NaN as float32, expected a finite one",
        "too-large-for-float32; '/layers/dense/vars/1': number 1 is Infinity as float32",
        "huge; '/layers/dense/vars/1': cannot be read as HDF5: integer overflow",
        "never-written; '/layers/dense/vars/1': cannot be read as HDF5: 8 bytes at -1 lie outside",
        "scalar; '/layers/dense/vars/1': is [], expected [2]",
        "soft-link; '/layers/dense/vars': cannot be read as HDF5: has the link '1' to another",
        "external-link; '/layers/dense/vars': cannot be read as HDF5:",
        "loop; '/layers/dense/loop': cannot be read as HDF5: is linked twice",
        "b-tree-2; '/many': cannot be read as HDF5: keeps its links in a B-tree of version 2",
        "deep; is nested too deeply or one of too many",
        "unused; layer 'dense': has 3 weights",
        "elsewhere; '/mine/vars/0': belongs to no layer of the model",
        "unknown-class; layer 'conv1d': is of no layer that can be told from its weights alone",
        "circular; '/': cannot be read as HDF5: it is nested too deeply",
        "nested-types; '/layers/dense/vars/1': cannot be read as HDF5: it is nested too deeply",
        "branching; '/': cannot be read as HDF5: its structure is larger than 8388608 bytes"
      })
  void refuses(String name, String problem) throws IOException {
    assertThat(rejected(files(name))).startsWith("m/model.weights.h5: ").contains(problem);
  }

  // Between an encoder and a decoder it would be all that tells that one does not feed the other.
  @Test
  void refusesALayerThatHasNoWeightsToTellWhatItDoes() throws IOException {
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
            "m/model.weights.h5: layer 'flatten': has no weights that would tell what it does; save"
                + " the whole model instead");
    String windows = new String(weights, ISO_8859_1).replace("layers", "la\\ers");
    files.with("model.weights.h5", windows.getBytes(ISO_8859_1));
    assertThat(rejected(files))
        .isEqualTo(
            "m/model.weights.h5: '/layers': is missing, expected the weights of a Keras model there;"
                + " found '/la\\ers', a name that Keras wrote on Windows");
  }

  @Test
  void oneOutputNeedsItsActivation() throws IOException {
    KerasFiles files = files("one-output");
    assertThat(rejected(files))
        .startsWith(
            "m/config.json: output.activation: is missing, and m/model.weights.h5 has one output");
    files.with("config.json", "{'model_type': 'rnn', 'output': {'activation': 'identity'}}");
    assertThat(files.load().activationName()).isEqualTo("identity");
  }

  @Test
  void refusesAnEmbeddingWithoutColumns() throws IOException {
    assertThat(rejected(files("no-columns").with("vocab.txt", "a\nb\nc\n")))
        .isEqualTo(
            "m/model.weights.h5: '/layers/embedding/vars/0': is [3 × 0], expected some columns");
  }

  @Test
  void refusesWeightsAloneWithoutModelType() throws IOException {
    assertThat(rejected(files("sound").with("config.json", "{}")))
        .isEqualTo(
            "m/config.json: model_type: is missing, expected rnn, gru or lstm beside weights"
                + " without an architecture");
    assertThat(rejected(files("sound").with("config.json", "{'model_type': 'lstm'}")))
        .isEqualTo("m/model.weights.h5: layer 'simple_rnn/cell': is not of model_type lstm");
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
  void refusesNamesOfTensors(String config, String field) throws IOException {
    assertThat(rejected(files("sound").with("config.json", config)))
        .isEqualTo(
            "m/config.json: "
                + field
                + ": names tensors of a state_dict, the weights are in model.weights.h5");
  }

  @Test
  void refusesWhatIsNoHdf5() throws IOException {
    assertThat(rejected(files("sound").with("model.weights.h5", "safetensors")))
        .startsWith("m/model.weights.h5: HDF5 superblock: cannot be read as HDF5: ");
    assertThat(rejected(files("sound").with("model.weights.h5", new byte[0])))
        .startsWith("m/model.weights.h5: HDF5 superblock: cannot be read as HDF5: ");
  }
}
