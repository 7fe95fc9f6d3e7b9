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
 * Weights that do not belong to a GRU or LSTM, or that have another type than in the config, are
 * rejected.
 */
class InvalidGatesTest {
  @TempDir private Path path;

  /** 4 units with 3 features, and a head. */
  private static SafeTensorsFile network(int rows, String suffix) {
    return new SafeTensorsFile()
        .zeros("rnn.weight_ih" + suffix, rows, 3)
        .zeros("rnn.weight_hh" + suffix, rows, 4)
        .zeros("fc.weight", 2, 4);
  }

  private String rejected(SafeTensorsFile tensors, String config) throws IOException {
    ModelDirectory model = ModelDirectory.in(path).safetensors(tensors).config(config);
    return InvalidFile.message(model::load).replace(path + "/", "");
  }

  @ParameterizedTest
  @CsvSource({
    "4,  rnn,  gru",
    "4,  rnn,  lstm",
    "12, gru,  rnn",
    "12, gru,  lstm",
    "16, lstm, rnn",
    "16, lstm, gru"
  })
  void reportsWeightsOfAnotherType(int rows, String type, String said) throws IOException {
    for (String suffix : new String[] {"_l0", ""}) {
      assertThat(rejected(network(rows, suffix), "{'model_type': '" + said + "'}"))
          .isEqualTo(
              String.format(
                  "model.safetensors: tensor 'rnn.weight_hh%s': expected model_type %s as in config.json,"
                      + " found %s: [%d × 4]",
                  suffix, said, type, rows));
    }
  }

  @ParameterizedTest
  @CsvSource({"4, rnn", "12, gru", "16, lstm"})
  void takesTheTypeOfTheWeights(int rows, String type) throws IOException {
    ModelDirectory said =
        ModelDirectory.in(path)
            .safetensors(network(rows, "_l0"))
            .config("{'model_type': '" + type + "'}");
    long fingerprint = said.load().fingerprint();
    assertThat(said.config("{}").load().fingerprint()).isEqualTo(fingerprint);
    assertThat(said.load().describe()).contains(": " + type);
  }

  @ParameterizedTest
  @CsvSource({"12, gru, tanh", "12, gru, relu", "16, lstm, tanh", "16, lstm, relu"})
  void rejectsANonlinearity(int rows, String type, String nonlinearity) throws IOException {
    SafeTensorsFile tensors = network(rows, "_l0");
    assertThat(rejected(tensors, "{'nonlinearity': '" + nonlinearity + "'}"))
        .isEqualTo(
            "config.json: nonlinearity: expected only with model_type rnn, found weights of model_type "
                + type);
    String both = "{'model_type': '" + type + "', 'nonlinearity': '" + nonlinearity + "'}";
    assertThat(rejected(tensors, both))
        .isEqualTo(
            "config.json: nonlinearity: expected only with model_type rnn, found model_type "
                + type);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 8, 13, 20, 24})
  void rejectsAnotherNumberOfGates(int rows) throws IOException {
    assertThat(rejected(network(rows, "_l0"), "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_hh_l0': expected [4 × 4] (rnn), [12 × 4] (gru) or"
                + " [16 × 4] (lstm), found ["
                + rows
                + " × 4]");
  }

  @ParameterizedTest
  @CsvSource({"6, rnn", "18, gru"})
  void rejectsAProjectionOfOtherTypes(int rows, String type) throws IOException {
    SafeTensorsFile tensors = network(rows, "_l0").zeros("rnn.weight_hr_l0", 4, 6);
    assertThat(rejected(tensors, "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_hr_l0': expected no projection in model_type "
                + type
                + ", found [4 × 6]");
  }

  @Test
  void rejectsAProjectionOfAnotherShape() throws IOException {
    SafeTensorsFile tensors = network(24, "_l0");
    assertThat(rejected(tensors.zeros("rnn.weight_hr_l0", 5, 6), "{}"))
        .isEqualTo("model.safetensors: tensor 'rnn.weight_hr_l0': expected [4 × 6], found [5 × 6]");
  }

  @Test
  void rejectsAProjectionThatIsNotStored() throws IOException {
    assertThat(rejected(network(24, "_l0"), "{'model_type': 'lstm'}"))
        .startsWith("model.safetensors: tensor 'rnn.weight_hh_l0': expected [")
        .endsWith(", found [24 × 4]");
  }

  @ParameterizedTest
  @CsvSource({
    "12, ih, _l0, bias_hh",
    "12, hh, _l0, bias_ih",
    "16, ih, '', bias_hh",
    "16, hh, '', bias_ih"
  })
  void rejectsHalfOfTheBiases(int rows, String stored, String suffix, String missing)
      throws IOException {
    SafeTensorsFile tensors = network(rows, suffix).zeros("rnn.bias_" + stored + suffix, rows);
    assertThat(rejected(tensors, "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn."
                + missing
                + suffix
                + "': missing: expected a tensor of floats");
  }

  @ParameterizedTest
  @CsvSource({"12, 4", "16, 12"})
  void rejectsBiasesOfAnotherLength(int rows, int length) throws IOException {
    SafeTensorsFile tensors =
        network(rows, "").zeros("rnn.bias_ih", rows).zeros("rnn.bias_hh", length);
    assertThat(rejected(tensors, "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.bias_hh': expected ["
                + rows
                + "], found ["
                + length
                + "]");
  }

  @Test
  void rejectsInputWeightsOfOtherGates() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 12, 3)
            .zeros("rnn.weight_hh_l0", 16, 4)
            .zeros("fc.weight", 2, 4);
    assertThat(rejected(tensors, "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_ih_l0': expected [16 × inputs], found [12 × 3]");
  }

  // The two biases of an LSTM are added when they are read.
  @Test
  void rejectsBiasesWhoseSumOverflows() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih", 4, 1)
            .zeros("rnn.weight_hh", 4, 1)
            .f32("rnn.bias_ih", new int[] {4}, 0, 0, 3e38f, 0)
            .f32("rnn.bias_hh", new int[] {4}, 0, 0, 3e38f, 0)
            .zeros("fc.weight", 2, 1);
    assertThat(rejected(tensors, "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.bias_hh': expected finite float32 sums with rnn.bias_ih,"
                + " found Infinity");
  }
}
