package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weights that are computed from other tensors, and the errors for those that cannot be. {@code
 * PyTorchCasesTest} compares the numbers with PyTorch's.
 */
class ParametrizationsTest {
  private static final String NEW = "fc.parametrizations.weight.";

  @TempDir private Path path;

  /** A layer of 2 units with biases of 1, whose state is (1, 1) after relu, without a head. */
  private static SafeTensorsFile layer() {
    return new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", 2, 1)
        .zeros("rnn.weight_hh_l0", 2, 2)
        .f32("rnn.bias_ih_l0", new int[] {2}, 1, 1)
        .zeros("rnn.bias_hh_l0", 2);
  }

  private ModelDirectory model(SafeTensorsFile tensors) throws IOException {
    return ModelDirectory.in(path)
        .safetensors(tensors)
        .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}");
  }

  private float[] logits(SafeTensorsFile tensors) throws IOException {
    RnnModel model = model(tensors).load();
    float[] next = new float[2];
    model.stepper().step(new float[1], model.initialState(), next);
    return model.stepper().logits(next);
  }

  private String rejected(SafeTensorsFile tensors) throws IOException {
    ModelDirectory model = model(tensors);
    return InvalidFile.message(model::load).replace(model + "/model.safetensors: ", "");
  }

  private static SafeTensorsFile weightNorm(int[] shape, float... g) {
    return layer().f32("fc.weight_g", shape, g).f32("fc.weight_v", new int[] {2, 2}, 3, 4, 0, 2);
  }

  @Test
  void normsEachSliceAlongItsDimension() throws IOException {
    assertThat(logits(weightNorm(new int[] {2, 1}, 10, 1))).containsExactly(14, 1);
    float root = (float) Math.sqrt(20); // of the second column
    assertThat(logits(weightNorm(new int[] {1, 2}, 3, root))).containsExactly(7, 2);
    float norm = (float) Math.sqrt(29);
    assertThat(logits(weightNorm(new int[] {}, norm))).containsExactly(7, 2);
    assertThat(logits(weightNorm(new int[] {1, 1}, norm))).containsExactly(7, 2);
  }

  @Test
  void dividesByTheSingularValue() throws IOException {
    SafeTensorsFile tensors =
        layer()
            .f32(NEW + "original", new int[] {2, 2}, 4, 0, 0, 1)
            .f32(NEW + "0._u", new int[] {2}, 1, 0)
            .f32(NEW + "0._v", new int[] {2}, 1, 0);
    assertThat(logits(tensors)).containsExactly(1, 0.25f);
  }

  @Test
  void describesWhatWasComputed() throws IOException {
    RnnModel model = model(weightNorm(new int[] {2, 1}, 1, 1)).load();
    assertThat(model.parts())
        .startsWith(
            new Part(
                "weight_norm", "fc.weight [2 × 2] of fc.weight_g [2 × 1], fc.weight_v [2 × 2]"))
        .endsWith(new Part("head 1", "fc.weight [2 × 2], no bias"));
    assertThat(model.parameters()).isEqualTo(2 + 4 + 4 + 4);
  }

  @Test
  void aShapeThatDoesNotFitIsOneLine() throws IOException {
    String expected =
        ": expected one number, or one for each slice of fc.weight_v [2 × 2] along one";
    assertThat(rejected(weightNorm(new int[] {3, 1}, 1, 1, 1)))
        .isEqualTo("tensor 'fc.weight_g'" + expected + " dimension, found [3 × 1]");
    assertThat(rejected(weightNorm(new int[] {2, 2}, 1, 1, 1, 1)))
        .isEqualTo("tensor 'fc.weight_g'" + expected + " dimension, found [2 × 2]");
    assertThat(rejected(weightNorm(new int[] {2}, 1, 1)))
        .isEqualTo("tensor 'fc.weight_g'" + expected + " dimension, found [2]");
    assertThat(rejected(weightNorm(new int[] {0, 1})))
        .isEqualTo("tensor 'fc.weight_g'" + expected + " dimension, found [0 × 1]");
    SafeTensorsFile spectral =
        layer().zeros("fc.weight_orig", 2, 2).zeros("fc.weight_u", 3).zeros("fc.weight_v", 2);
    assertThat(rejected(spectral))
        .isEqualTo(
            "tensor 'fc.weight_u': expected the left singular vector of fc.weight_orig [2 × 2], with"
                + " fc.weight_v [2], found [3]");
    assertThat(rejected(layer().zeros("fc.weight_orig", 2, 2).zeros("fc.weight_mask", 2)))
        .isEqualTo(
            "tensor 'fc.weight_mask': expected the shape of fc.weight_orig [2 × 2], found [2]");
  }

  @Test
  void aNormOfZeroIsOneLine() throws IOException {
    SafeTensorsFile zero = layer().zeros("fc.weight_g", 2, 1).zeros("fc.weight_v", 2, 2);
    assertThat(rejected(zero))
        .isEqualTo("tensor 'fc.weight': expected finite float32 numbers, found NaN by weight_norm");
  }

  @Test
  void anUnknownParametrizationIsOneLine() throws IOException {
    SafeTensorsFile orthogonal =
        layer().zeros(NEW + "original", 2, 2).zeros(NEW + "0.base", 2, 2).zeros("fc.bias", 2);
    String problem =
        "tensor 'fc.weight': expected the weight itself, because its parametrization is not known: "
            + NEW
            + "0.base [2 × 2], "
            + NEW
            + "original [2 × 2]; before saving, call"
            + " torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')";
    assertThat(rejected(orthogonal)).isEqualTo(problem);
    ModelDirectory listed = model(orthogonal).config("{'layers': ['rnn', 'fc']}");
    assertThat(InvalidFile.message(listed::load)).endsWith("model.safetensors: " + problem);
    listed.config("{'layers': ['rnn']}");
    assertThat(listed.load().outputSize()).isEqualTo(2); // what is not listed is left out
  }

  @Test
  void aWeightIsEitherThereOrComputed() throws IOException {
    SafeTensorsFile both =
        layer()
            .zeros("fc.weight", 2, 2)
            .zeros(NEW + "original0", 2, 1)
            .zeros(NEW + "original1", 2, 2);
    assertThat(rejected(both))
        .isEqualTo(
            "tensor 'fc.weight': expected either the weight or its parametrization, found both");
  }

  // A user's own names may look like those of a norm.
  @Test
  void otherTensorsKeepTheirNames() throws IOException {
    SafeTensorsFile tensors = layer().zeros("h_g", 2, 2).zeros("weight", 2, 2).zeros("weight_v", 2);
    assertThat(rejected(tensors)).contains("found h_g [2 × 2], weight [2 × 2], weight_v [2]");
  }
}
