package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A head of several linear layers: their order, the activation between them, and a weight that is
 * used twice.
 */
class HeadLayersTest {
  private static final int[] SQUARE = {2, 2};

  @TempDir private Path path;

  private ModelDirectory directory;

  @BeforeEach
  void directory() throws IOException {
    directory = ModelDirectory.in(path);
  }

  /** Two units whose a&lt;1&gt; is relu(x). */
  private static SafeTensorsFile units() {
    return new SafeTensorsFile()
        .f32("rnn.weight_ih_l0", SQUARE, 1, 0, 0, 1)
        .zeros("rnn.weight_hh_l0", SQUARE);
  }

  private static String config(String output) {
    return "{'nonlinearity': 'relu', 'output': {'activation': 'identity'" + output + "}}";
  }

  /** The logits after x = [0.5, 2]. */
  private float[] logits() throws IOException {
    RnnModel model = directory.load();
    float[] next = new float[model.stateSize()];
    model.stepper().step(new float[] {0.5f, 2}, model.initialState(), next);
    return model.stepper().logits(next);
  }

  private String rejected() {
    String message = InvalidFile.message(directory::load);
    String file = directory.path("model.safetensors") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  private static double g(String activation, double z) {
    return switch (activation) {
      case "tanh" -> Math.tanh(z);
      case "sigmoid" -> 1 / (1 + Math.exp(-z));
      case "identity" -> z;
      default -> Math.max(0, z);
    };
  }

  @ParameterizedTest
  @CsvSource({"'', relu", "relu, relu", "tanh, tanh", "sigmoid, sigmoid", "identity, identity"})
  void computesTwoLayersWithTheActivationBetween(String said, String activation)
      throws IOException {
    directory
        .safetensors(
            units()
                .f32("head.2.weight", new int[] {1, 3}, 1, 10, 100)
                .f32("head.2.bias", new int[] {1}, -0.25f)
                .f32("head.0.weight", new int[] {3, 2}, 1, 0, -1, 0, 0, 0.5f)
                .f32("head.0.bias", new int[] {3}, 0.25f, 0, -0.5f))
        .config(config(said.isEmpty() ? "" : ", 'hidden_activation': '" + said + "'"));
    // [0.5, 2] ► [0.75, -0.5, 0.5] ► g ► one number. There is no activation after the last layer.
    double expected =
        g(activation, 0.75) + 10 * g(activation, -0.5) + 100 * g(activation, 0.5) - 0.25;
    assertThat(logits()).containsExactly(new float[] {(float) expected}, within(2e-5f));
  }

  @ParameterizedTest
  @CsvSource({"relu", "tanh", "sigmoid", "identity"})
  void computesThreeLayersByTheirNumbers(String activation) throws IOException {
    directory
        .safetensors(
            units()
                .f32("fc10.weight", SQUARE, 1, 0, 1, 1)
                .f32("fc9.weight", SQUARE, 1, -1, 0, 1)
                .f32("fc2.weight", SQUARE, 0, 1, 1, 0)
                .f32("fc10.bias", new int[] {2}, 0.5f, 0))
        .config(config(", 'hidden_activation': '" + activation + "'"));
    double[] first = {g(activation, 2), g(activation, 0.5)};
    double[] second = {g(activation, first[0] - first[1]), g(activation, first[1])};
    assertThat(logits())
        .containsExactly(
            new float[] {(float) (second[0] + 0.5), (float) (second[0] + second[1])},
            within(2e-5f));
    assertThat(directory.load().parts())
        .extracting(part -> part.name() + " " + part.source())
        .endsWith(
            "head 1 fc2.weight [2 × 2], no bias, then " + activation,
            "head 2 fc9.weight [2 × 2], no bias, then " + activation,
            "head 3 fc10.weight [2 × 2], fc10.bias [2]");
  }

  @Test
  void sizesDecideTheOrderIfNamesDoNot() throws IOException {
    directory
        .safetensors(
            units()
                .f32("a.weight", new int[] {1, 3}, 1, 1, 1)
                .f32("z.weight", new int[] {3, 2}, 1, 0, 0, 1, 1, 1))
        .config(config(""));
    assertThat(logits()).containsExactly(0.5f + 2 + 2.5f);
  }

  @Test
  void asksForAnUnknownOrder() throws IOException {
    directory
        .safetensors(
            units().f32("hidden.weight", SQUARE, 1, 1, 0, 1).f32("out.weight", SQUARE, 2, 0, 1, 1))
        .config(config(""));
    assertThat(rejected())
        .isEqualTo(
            "expected one way to read the tensors; choose in config.json:"
                + " {output.head: [hidden.weight, out.weight]} or"
                + " {output.head: [out.weight, hidden.weight]}");
    directory.config(config(", 'head': ['hidden.weight', 'out.weight']"));
    assertThat(logits()).containsExactly(2 * 2.5f, 2.5f + 2);
    directory.config(config(", 'head': ['out.weight', 'hidden.weight']"));
    assertThat(logits()).containsExactly(1 + 2.5f, 2.5f);
  }

  @Test
  void leavesOutTensorsThatTheConfigDoesNotName() throws IOException {
    directory
        .safetensors(
            units()
                .f32("hidden.weight", SQUARE, 1, 1, 0, 1)
                .zeros("bn.running_mean", 2)
                .zeros("bn.running_var", 2)
                .f32("out.weight", SQUARE, 2, 0, 1, 1))
        .config(config(", 'head': 'out.weight'"));
    assertThat(logits()).containsExactly(1, 2.5f);
    assertThat(directory.load().parts())
        .endsWith(
            new Part("head 1", "out.weight [2 × 2], no bias"),
            new Part("not used", "hidden.weight [2 × 2]"),
            new Part("not used", "bn.running_mean [2]"),
            new Part("not used", "bn.running_var [2]"));
  }

  @Test
  void rejectsAHeadInTheConfigThatDoesNotFit() throws IOException {
    directory
        .safetensors(units().zeros("fc1.weight", 3, 2).zeros("fc2.weight", 2, 3))
        .config(config(", 'head': 'fc2.weight'"));
    assertThat(rejected())
        .isEqualTo(
            "expected a head [outputs × 2] with or without a bias [outputs], found fc1.weight [3 × 2],"
                + " fc2.weight [2 × 3]");
  }

  // Each choice would leave out the attention or the head. The message names what it leaves out.
  @Test
  void namesWhatEachChoiceLeavesOut() throws IOException {
    directory.safetensors(
        units().zeros("attn.weight", 1, 2).zeros("fc.weight", 3, 2).zeros("fc.bias", 3));
    assertThat(rejected())
        .isEqualTo(
            "expected one way to read the tensors; choose in config.json:"
                + " {output.head: attn.weight} (leaves out fc.weight [3 × 2], fc.bias [3]) or"
                + " {output.head: fc.weight} (leaves out attn.weight [1 × 2])");
  }

  @Test
  void rejectsLayersThatDoNotFit() throws IOException {
    directory.safetensors(units().zeros("fc1.weight", 3, 2).zeros("fc2.weight", 2, 4));
    assertThat(rejected())
        .isEqualTo(
            "expected a head [outputs × 2] with or without a bias [outputs], found fc1.weight [3 × 2],"
                + " fc2.weight [2 × 4]");
  }

  // The activation of the last layer is output.activation; hidden_activation does not apply to it.
  @Test
  void leavesOneLayerAsItIs() throws IOException {
    directory
        .safetensors(units().f32("fc.weight", new int[] {1, 2}, -1, -1))
        .config(config(", 'hidden_activation': 'sigmoid'"));
    assertThat(logits()).containsExactly(-2.5f);
  }

  @Test
  void theVersionDependsOnTheActivationBetween() throws IOException {
    directory
        .safetensors(units().zeros("fc1.weight", 3, 2).zeros("fc2.weight", 2, 3))
        .config(config(", 'hidden_activation': 'tanh'"));
    RnnModel tanh = directory.load();
    RnnModel relu = directory.config(config("")).load();
    assertThat(relu.version()).isNotEqualTo(tanh.version());
    assertThat(relu.fingerprint()).isEqualTo(tanh.fingerprint());
  }
}
