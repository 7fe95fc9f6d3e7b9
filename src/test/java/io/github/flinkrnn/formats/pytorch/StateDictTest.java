package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The role of each tensor follows from PyTorch's names and from the shapes, not from the names that
 * the user chose.
 */
class StateDictTest {
  @TempDir private Path directory;

  /** One layer of 4 units with 3 inputs and biases. */
  private static SafeTensorsFile layer(String prefix) {
    return new SafeTensorsFile()
        .zeros(prefix + "weight_ih_l0", 4, 3)
        .zeros(prefix + "weight_hh_l0", 4, 4)
        .zeros(prefix + "bias_ih_l0", 4)
        .zeros(prefix + "bias_hh_l0", 4);
  }

  private ModelDirectory directory(SafeTensorsFile tensors) throws IOException {
    return ModelDirectory.in(directory).safetensors(tensors);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "rnn.", "model.encoder.rnn.", "a.b.c.d.e.", "module.weight_ih_rnn."})
  void acceptsAnyPrefixAndNesting(String prefix) throws IOException {
    RnnModel model = directory(layer(prefix).zeros("fc.weight", 2, 4).zeros("fc.bias", 2)).load();
    assertThat(model.input()).isEqualTo(new ModelInput.Features(3));
    assertThat(model.hiddenSize()).isEqualTo(4);
    assertThat(model.outputSize()).isEqualTo(2);
    assertThat(model.describe()).contains("one layer of 4, 3 features, 2 outputs, 46 parameters");
  }

  @ParameterizedTest
  @CsvSource({
    "fc.weight, fc.bias",
    "model.encoder.decoder.weight, model.encoder.decoder.bias",
    "weight, bias",
    "rnn.out.0.weight, rnn.out.0.bias"
  })
  void acceptsHeadOfAnyName(String weight, String bias) throws IOException {
    SafeTensorsFile tensors = layer("rnn.").zeros(bias, 5).zeros(weight, 5, 4);
    assertThat(directory(tensors).load().outputSize()).isEqualTo(5);
  }

  @Test
  void acceptsHeadWithoutBias() throws IOException {
    RnnModel model = directory(layer("rnn.").zeros("fc.weight", 2, 4)).load();
    float[] state = model.initialState();
    assertThat(model.stepper().logits(state)).containsExactly(0, 0);
    assertThat(model.describe()).contains(" 44 parameters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedding.weight", "tok_emb.weight", "model.wte"})
  void acceptsEmbeddingOfAnyName(String name) throws IOException {
    SafeTensorsFile tensors =
        layer("rnn.").zeros(name, 6, 3).zeros("fc.weight", 2, 4).zeros("fc.bias", 2);
    RnnModel model = directory(tensors).vocabulary("a", "b", "c", "d", "e", "f").load();
    assertThat(model.describe()).contains("6 words, embedded in 3, 2 outputs");
  }

  @Test
  void takesOneHotWordsWithoutEmbedding() throws IOException {
    RnnModel model =
        directory(layer("rnn.").zeros("fc.weight", 2, 4)).vocabulary("a", "b", "c").load();
    assertThat(model.describe()).contains("3 words, one-hot, 2 outputs");
  }

  @Test
  void findsEveryLayer() throws IOException {
    SafeTensorsFile tensors = layer("rnn.");
    // There are twelve layers, so that "l1" could be mistaken for "l10".
    for (int layer = 1; layer < 12; layer++) {
      tensors.zeros("rnn.weight_ih_l" + layer, 4, 4).zeros("rnn.weight_hh_l" + layer, 4, 4);
    }
    RnnModel model = directory(tensors.zeros("fc.weight", 2, 4)).load();
    assertThat(model.stateSize()).isEqualTo(48);
    assertThat(model.describe()).contains("12 layers of 4");
  }

  // PyTorch stores two biases where the equation has one ba.
  @Test
  void addsTheTwoBiasesOfALayer() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 2, 1)
            .zeros("rnn.weight_hh_l0", 2, 2)
            .f32("rnn.bias_ih_l0", new int[] {2}, 1, 2)
            .f32("rnn.bias_hh_l0", new int[] {2}, 0.5f, 20)
            .f32("fc.weight", new int[] {1, 2}, 1, 1);
    RnnModel model =
        directory(tensors)
            .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}")
            .load();
    float[] next = new float[2];
    model.stepper().step(new float[1], model.initialState(), next);
    assertThat(next).containsExactly(1.5f, 22);
  }
}
