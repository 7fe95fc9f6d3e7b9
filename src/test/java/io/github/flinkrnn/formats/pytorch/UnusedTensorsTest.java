package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tensors of a state_dict that no step needs are listed. Tensors of an unsupported layer are named.
 */
class UnusedTensorsTest {
  @TempDir private Path path;

  /** 4 units with 3 inputs, and a head with 2 outputs. */
  private static SafeTensorsFile network() {
    return new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", 4, 3)
        .zeros("rnn.weight_hh_l0", 4, 4)
        .zeros("fc.weight", 2, 4);
  }

  private String rejected(SafeTensorsFile tensors) throws IOException {
    ModelDirectory model = ModelDirectory.in(path).safetensors(tensors);
    String message = InvalidFile.message(model::load);
    String file = model.path("model.safetensors") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  @ParameterizedTest
  @CsvSource({
    "I64, 8", "U64, 8", "I32, 4", "U32, 4", "I16, 2", "U16, 2", "I8, 1", "U8, 1", "BOOL, 1"
  })
  void listsIntegers(String dtype, int bytes) throws IOException {
    SafeTensorsFile tensors = network().raw("step", dtype, new int[] {2, 3}, new byte[6 * bytes]);
    assertThat(ModelDirectory.in(path).safetensors(tensors).load().parts())
        .endsWith(new Part("not used", "step, " + dtype + " [2 × 3]"));
  }

  // A quantized network must not look like a network without a recurrent layer.
  @Test
  void reportsIntegerWeights() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .raw("rnn.weight_ih_l0", "I8", new int[] {4, 3}, new byte[12])
            .raw("rnn.weight_hh_l0", "I8", new int[] {4, 4}, new byte[16])
            .zeros("fc.weight", 2, 4);
    assertThat(rejected(tensors))
        .isEqualTo("tensor 'rnn.weight_ih_l0': expected floats, found I8 [4 × 3]" + QUANTIZED);
    SafeTensorsFile head =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 4, 3)
            .zeros("rnn.weight_hh_l0", 4, 4)
            .raw("fc.weight", "I8", new int[] {2, 4}, new byte[8]);
    assertThat(rejected(head))
        .isEqualTo("tensor 'fc.weight': expected floats, found I8 [2 × 4]" + QUANTIZED);
    ModelDirectory listed =
        ModelDirectory.in(path).safetensors(head).config("{'layers': ['rnn', 'fc']}");
    assertThat(InvalidFile.message(listed::load))
        .endsWith("tensor 'fc.weight': expected floats, found I8 [2 × 4]" + QUANTIZED);
    listed.config("{'layers': ['rnn']}");
    assertThat(listed.load().outputSize()).isEqualTo(4); // what is not listed is left out
  }

  private static final String QUANTIZED =
      ": a quantized model is not supported; save the state_dict of the model before it is"
          + " quantized, or after its dequantize() if it has one, as F32, F16 or BF16";

  /** What GPTQ, AWQ, bitsandbytes, compressed-tensors, torchao and torch.ao put beside weights. */
  @ParameterizedTest
  @CsvSource({
    "fc.qweight, I32",
    "fc.qzeros, I32",
    "fc.weight_packed, U8",
    "fc.weight.quant_state.bitsandbytes__nf4, U8",
    "fc.zero_point, I64",
    "fc.weight_qdata, I8",
  })
  void namesTheIntegersOfAQuantizedModel(String name, String dtype) throws IOException {
    int bytes = dtype.equals("I64") ? 8 : dtype.equals("I32") ? 4 : 1;
    assertThat(rejected(network().raw(name, dtype, new int[] {1}, new byte[bytes])))
        .isEqualTo("tensor '" + name + "': expected floats, found " + dtype + " [1]" + QUANTIZED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fc.SCB",
        "fc.scales",
        "fc.weight.absmax",
        "fc.weight.quant_map",
        "fc.weight_scale",
        "fc.weight_scale_inv",
        "fc.input_scale",
        "rnn.weight_ih_l0_scale",
        "fc.weight_fake_quant.scale",
        "fc.activation_post_process.scale"
      })
  void namesTheScalesOfAQuantizedModel(String name) throws IOException {
    assertThat(rejected(network().zeros(name, 1)))
        .isEqualTo("tensor '" + name + "': expected weights without a scale" + QUANTIZED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"criterion.weight", "model.loss.alpha", "loss_fn.crf.transitions"})
  void listsTheModulesOfALoss(String name) throws IOException {
    assertThat(ModelDirectory.in(path).safetensors(network().zeros(name, 2, 4)).load().parts())
        .endsWith(new Part("not used", name + " [2 × 4]"));
  }

  @Test
  void aTensorIsNotAModuleOfALoss() throws IOException {
    assertThat(rejected(network().zeros("fc.loss", 4)))
        .startsWith("expected a head")
        .contains(", found fc.weight [2 × 4], fc.loss [4]");
  }

  @Test
  void namesABatchNorm() throws IOException {
    SafeTensorsFile tensors =
        network()
            .zeros("bn.weight", 4)
            .zeros("bn.bias", 4)
            .zeros("bn.running_mean", 4)
            .zeros("bn.running_var", 4)
            .raw("bn.num_batches_tracked", "I64", new int[0], new byte[8]);
    assertThat(rejected(tensors))
        .isEqualTo(
            "expected the field layers in config.json, because not all modules are recurrent"
                + " layers, linear layers or an embedding; module 'bn' is a"
                + " BatchNorm; list all modules and activations in the order of forward, such as"
                + " \"layers\": [\"rnn\", \"bn\", \"fc\"]");
  }

  @Test
  void showsAnOrderOfLayersThatFits() throws IOException {
    SafeTensorsFile tensors =
        network()
            .zeros("m.out.weight", 5, 6)
            .zeros("m.conv.weight", 3, 7, 2)
            .zeros("m.rms.weight", 2)
            .zeros("m.hidden.weight", 6, 2);
    assertThat(rejected(tensors))
        .endsWith(
            "; list all modules and activations in the order of forward, such as \"layers\":"
                + " [\"m.conv\", \"rnn\", \"fc\", \"relu\", {\"module\": \"m.rms\", \"type\":"
                + " \"rms_norm\"}, \"m.hidden\", \"relu\", \"m.out\"]");
  }

  @Test
  void namesOtherLayersByTheirLikelyKind() throws IOException {
    SafeTensorsFile tensors =
        network()
            .zeros("ln.weight", 4)
            .zeros("ln.bias", 4)
            .zeros("rms.weight", 4)
            .zeros("cnn.0.weight", 3, 3, 5)
            .zeros("cnn.0.bias", 3)
            .zeros("image.weight", 3, 3, 5, 5);
    assertThat(rejected(tensors))
        .isEqualTo(
            "expected the field layers in config.json, because not all modules are recurrent"
                + " layers, linear layers or an embedding; module 'ln' looks like a"
                + " LayerNorm, module 'rms' looks like an RMSNorm or a PReLU, module 'cnn.0' looks like"
                + " a Conv1d, module 'image' looks like a Conv2d; list all modules and activations in"
                + " the order of forward");
  }

  // The bias of a norm must not be read as the bias of a tied embedding.
  @Test
  void aNormIsNotTheBiasOfATiedEmbedding() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(path)
            .vocabulary("a", "b", "c", "d")
            .safetensors(
                new SafeTensorsFile()
                    .zeros("rnn.weight_ih_l0", 4, 4)
                    .zeros("rnn.weight_hh_l0", 4, 4)
                    .zeros("emb.weight", 4, 4)
                    .zeros("norm.weight", 4));
    assertThat(InvalidFile.message(model::load))
        .contains("an embedding; module 'norm' looks like an RMSNorm or a PReLU");
  }
}
