package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A state_dict that is not a supported network is rejected with file, tensor, and the found and the
 * expected shape.
 */
class InvalidStateDictTest {
  @TempDir private Path directory;

  private static SafeTensorsFile file() {
    return new SafeTensorsFile();
  }

  /** 4 units with 3 inputs, and a head with 2 outputs. */
  private static SafeTensorsFile network() {
    return file()
        .zeros("rnn.weight_ih_l0", 4, 3)
        .zeros("rnn.weight_hh_l0", 4, 4)
        .zeros("fc.weight", 2, 4)
        .zeros("fc.bias", 2);
  }

  private String rejected(SafeTensorsFile tensors) throws IOException {
    return rejected(ModelDirectory.in(directory).safetensors(tensors));
  }

  private String rejected(ModelDirectory model) {
    String message = InvalidFile.message(model::load);
    String file = model.path("model.safetensors") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  @ParameterizedTest
  @CsvSource({"12, gru", "16, lstm"})
  void reportsWeightsOfAnotherTypeThanTheConfig(int rows, String type) throws IOException {
    SafeTensorsFile tensors =
        file().zeros("rnn.weight_ih_l0", rows, 3).zeros("rnn.weight_hh_l0", rows, 4);
    String problem =
        InvalidFile.message(
            () ->
                ModelDirectory.in(directory)
                    .config("{'model_type': 'rnn'}")
                    .safetensors(tensors.zeros("fc.weight", 2, 4))
                    .load());
    assertThat(problem)
        .endsWith(
            "tensor 'rnn.weight_hh_l0': expected model_type rnn as in config.json, found "
                + (type + ": [" + rows + " × 4]"));
  }

  @Test
  void rejectsFileWithoutRecurrentLayer() throws IOException {
    assertThat(rejected(file().zeros("fc.weight", 2, 4)))
        .isEqualTo("missing: expected tensors of a recurrent layer, such as rnn.weight_ih_l0");
    assertThat(rejected(file()))
        .isEqualTo("missing: expected tensors of a recurrent layer, such as rnn.weight_ih_l0");
  }

  @Test
  void rejectsTwoStacks() throws IOException {
    SafeTensorsFile tensors =
        network().zeros("decoder.weight_ih_l0", 4, 5).zeros("decoder.weight_hh_l0", 4, 4);
    assertThat(rejected(tensors))
        .isEqualTo(
            "expected one stack of recurrent modules, found [decoder, rnn], which may be independent,"
                + " as an encoder and a decoder are; list those to use in config.json, bottom first:"
                + " \"recurrent\":"
                + " [\"decoder\"] (leaves out rnn) or [\"rnn\"] (leaves out decoder)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0"})
  void rejectsMissingTensor(String missing) throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 4);
    for (String name : new String[] {"rnn.weight_ih_l0", "rnn.weight_hh_l0"}) {
      if (!name.equals(missing)) {
        tensors.zeros(name, 4, 4);
      }
    }
    for (String name : new String[] {"rnn.bias_ih_l0", "rnn.bias_hh_l0"}) {
      if (!name.equals(missing)) {
        tensors.zeros(name, 4);
      }
    }
    assertThat(rejected(tensors))
        .isEqualTo("tensor '" + missing + "': missing: expected a tensor of floats");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "5; 4; 4; 3; 4; rnn.weight_hh_l0; expected [4 × 4] (rnn), [12 × 4] (gru)"
            + " or [16 × 4] (lstm), found [5 × 4]",
        "0; 0; 4; 3; 4; rnn.weight_hh_l0; expected at least one unit, found [0 × 0]",
        "4; 4; 5; 3; 4; rnn.weight_ih_l0; expected [4 × inputs], found [5 × 3]",
        "4; 4; 4; 0; 4; rnn.weight_ih_l0; expected [4 × inputs], found [4 × 0]",
        "4; 4; 4; 3; 5; rnn.bias_ih_l0; expected [4], found [5]"
      })
  void rejectsWrongShape(
      int hhRows, int hhColumns, int ihRows, int ihColumns, int bias, String name, String problem)
      throws IOException {
    SafeTensorsFile tensors =
        file()
            .zeros("rnn.weight_hh_l0", hhRows, hhColumns)
            .zeros("rnn.weight_ih_l0", ihRows, ihColumns)
            .zeros("rnn.bias_ih_l0", bias)
            .zeros("rnn.bias_hh_l0", bias)
            .zeros("fc.weight", 2, 4);
    assertThat(rejected(tensors)).isEqualTo("tensor '" + name + "': " + problem);
  }

  @Test
  void rejectsWrongRank() throws IOException {
    SafeTensorsFile tensors = file().zeros("weight_ih_l0", 4, 3).zeros("weight_hh_l0", 16);
    assertThat(rejected(tensors))
        .isEqualTo("tensor 'weight_hh_l0': expected 2 dimensions, found [16]");
  }

  @Test
  void rejectsUpperLayerThatDoesNotFitTheLayerBelow() throws IOException {
    SafeTensorsFile tensors =
        network().zeros("rnn.weight_ih_l1", 4, 3).zeros("rnn.weight_hh_l1", 4, 4);
    assertThat(rejected(tensors))
        .isEqualTo("tensor 'rnn.weight_ih_l1': expected [4 × 4], found [4 × 3]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rnn.weight_ih_l2", "rnn.weight_hh_l1", "rnn.bias_ih_l1", "rnn.weight_hr_l1"})
  void rejectsTensorOfNoLayer(String name) throws IOException {
    assertThat(rejected(network().zeros(name, 4, 4)))
        .isEqualTo(
            "tensor '"
                + name
                + "': expected a tensor of a layer; the layers end with rnn.weight_ih_l0");
  }

  // Computed without it, the network would differ from the trained one.
  @Test
  void rejectsTensorWithoutAPlace() throws IOException {
    assertThat(rejected(network().zeros("scale", 4)))
        .isEqualTo(
            "expected a head [outputs × 4] with or without a bias [outputs], found fc.weight [2 × 4],"
                + " fc.bias [2], scale [4]");
  }

  @Test
  void rejectsMissingHead() throws IOException {
    SafeTensorsFile tensors =
        file().zeros("rnn.weight_ih_l0", 4, 3).zeros("rnn.weight_hh_l0", 4, 4);
    assertThat(rejected(tensors))
        .isEqualTo(
            "expected a head [outputs × 4] with or without a bias [outputs], found no tensor besides"
                + " the recurrent layers");
  }

  @Test
  void rejectsHeadOfAnotherWidth() throws IOException {
    SafeTensorsFile tensors =
        file().zeros("rnn.weight_ih_l0", 4, 3).zeros("rnn.weight_hh_l0", 4, 4);
    assertThat(rejected(tensors.zeros("fc.weight", 2, 5)))
        .isEqualTo(
            "expected a head [outputs × 4] with or without a bias [outputs], found fc.weight"
                + " [2 × 5]");
  }

  @Test
  void rejectsHeadBiasOfAnotherLength() throws IOException {
    SafeTensorsFile tensors =
        file().zeros("rnn.weight_ih_l0", 4, 3).zeros("rnn.weight_hh_l0", 4, 4);
    assertThat(rejected(tensors.zeros("fc.weight", 2, 4).zeros("fc.bias", 3)))
        .startsWith("expected a head [outputs × 4]")
        .endsWith(", found fc.weight [2 × 4], fc.bias [3]");
  }

  // Either count can be wrong, so the message names both.
  @Test
  void namesTheLabelsThatTheHeadDoesNotFit() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(directory)
            .safetensors(network())
            .config("{'output': {'labels': ['O', 'PER', 'LOC']}}");
    assertThat(rejected(model))
        .isEqualTo(
            "expected a head [3 × 4] (output.labels names 3) with or without a bias [3], found"
                + " fc.weight [2 × 4], fc.bias [2]");
  }

  @Test
  void namesTheVocabularyThatTheEmbeddingDoesNotFit() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(directory)
            .safetensors(network().zeros("emb.weight", 6, 3))
            .vocabulary("a", "b", "c", "d", "e");
    assertThat(rejected(model))
        .isEqualTo(
            "expected a head [outputs × 4] with or without a bias [outputs] and an embedding [5 × 3]"
                + " (the vocabulary has 5 words), found fc.weight [2 × 4], fc.bias [2], emb.weight"
                + " [6 × 3]; if id 0 is padding, put a line for it, such as <pad>,"
                + " at the top of vocab.txt");
  }

  @Test
  void namesTheVocabularyThatOneHotVectorsDoNotFit() throws IOException {
    ModelDirectory model = ModelDirectory.in(directory).safetensors(network()).vocabulary("a", "b");
    assertThat(rejected(model))
        .endsWith(
            " and an embedding [2 × 3] (the vocabulary has 2 words), found fc.weight [2 × 4], fc.bias"
                + " [2]");
  }
}
