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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The field {@code layers}: which modules it finds, and the error for each mistake in it. {@code
 * PyTorchCasesTest} compares the numbers.
 */
class ListedLayersTest {
  @TempDir private Path path;

  /**
   * bn of 4, gru 4 to 6, ln of 6, conv 6 to 5 of 2 taps, fc 5 to 3, rms of 6, and a spare module.
   */
  private static SafeTensorsFile tensors() {
    return new SafeTensorsFile()
        .zeros("net.bn.weight", 4)
        .zeros("net.bn.bias", 4)
        .zeros("net.bn.running_mean", 4)
        .zeros("net.bn.running_var", 4)
        .zeros("net.gru.weight_ih_l0", 18, 4)
        .zeros("net.gru.weight_hh_l0", 18, 6)
        .zeros("net.ln.weight", 6)
        .zeros("net.ln.bias", 6)
        .zeros("net.conv.weight", 5, 6, 2)
        .zeros("net.conv.bias", 5)
        .zeros("net.fc.weight", 3, 5)
        .zeros("net.rms.weight", 6)
        .zeros("net.spare.weight", 2, 2);
  }

  private ModelDirectory model(String layers) throws IOException {
    return ModelDirectory.in(path)
        .safetensors(tensors())
        .config("{'input': {'type': 'features'}, 'layers': [" + layers + "]}");
  }

  private String rejected(String layers) throws IOException {
    ModelDirectory model = model(layers);
    return InvalidFile.message(model::load).replace(model + "/", "");
  }

  @Test
  void findsModulesByTheEndOfTheirPath() throws IOException {
    RnnModel model = model("'bn', 'gru', 'net.ln', 'relu', 'conv', 'dropout', 'fc'").load();

    assertThat(model.parts())
        .containsExactly(
            new Part(
                "net.bn",
                "net.bn.weight [4], net.bn.bias [4], net.bn.running_mean [4],"
                    + " net.bn.running_var [4]"),
            new Part("net.gru 1", "net.gru.weight_ih_l0 [18 × 4], net.gru.weight_hh_l0 [18 × 6]"),
            new Part("net.ln", "net.ln.weight [6], net.ln.bias [6]"),
            new Part("relu", "no tensors"),
            new Part("net.conv", "net.conv.weight [5 × 6 × 2], net.conv.bias [5]"),
            new Part("net.fc", "net.fc.weight [3 × 5]"),
            new Part("not used", "net.rms.weight [6]"),
            new Part("not used", "net.spare.weight [2 × 2]"));
    assertThat(model.input().size()).isEqualTo(4);
    assertThat(model.outputSize()).isEqualTo(3);
    assertThat(model.hiddenSize()).isEqualTo(5);
    assertThat(model.stateSize()).isEqualTo(6 + 5 + 6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'gru', 'fc1'|config.json: layers[1]: expected an activation or a module of"
            + " model.safetensors (net.bn, net.conv, net.fc, net.gru, net.ln, net.rms, net.spare),"
            + " found 'fc1'",
        "'gru', 'relo'|config.json: layers[1]: expected an activation or a module of"
            + " model.safetensors (net.bn, net.conv, net.fc, net.gru, net.ln, net.rms, net.spare),"
            + " found 'relo' (did you mean relu?)",
        "'gru', 'conv', 'gru'|config.json: layers[2]: expected each module once, found 'net.gru'"
            + " twice",
        "'gru', 'fc'|model.safetensors: module 'net.fc': expected 6 inputs, the outputs of gru,"
            + " found 5: net.fc.weight [3 × 5]",
        "'bn', 'fc'|model.safetensors: module 'net.fc': expected 4 inputs, the outputs of bn,"
            + " found 5: net.fc.weight [3 × 5]",
        "'bn', 'relu'|config.json: layers: expected a recurrent layer or a convolution, found none",
        "'relu'|config.json: layers: expected a recurrent layer or a convolution, found none",
        "'gru', 'rms'|config.json: layers[1]: expected {\"module\": \"rms\", \"type\":"
            + " \"layer_norm\"} or \"rms_norm\", because a norm without a bias may be either",
        "'gru', {'module': 'ln', 'dilation': 2}|config.json: layers[1].dilation: expected only for a"
            + " convolution, found net.ln.weight [6], net.ln.bias [6]",
        "'gru', {'module': 'conv', 'eps': 0.1}|config.json: layers[1].eps: expected only for a norm,"
            + " found net.conv.weight [5 × 6 × 2], net.conv.bias [5]",
        "'gru', {'type': 'rms_norm'}|config.json: layers[1].module: missing: expected a value",
        "'gru', {'residual': []}|config.json: layers[1].residual: expected at least one layer,"
            + " found none",
        "'gru', {'residual': ['conv']}|config.json: layers[1]: expected layers from 6 to 6 numbers,"
            + " found 6 to 5",
        "'gru', {'residual': ['ln'], 'eps': 1}|config.json: layers[1].eps: unknown field; expected"
            + " residual",
        "'gru', 7|config.json: layers[1]: expected a non-blank string or an object, found 7",
        "{'module': 'bn', 'type': 'layer_norm'}, 'gru'|config.json: layers[0].type: expected"
            + " batch_norm, found layer_norm for net.bn.weight [4], net.bn.bias [4],"
            + " net.bn.running_mean [4], net.bn.running_var [4]",
        "'gru', {'module': 'ln', 'type': 'batch_norm'}|model.safetensors: tensor"
            + " 'net.ln.running_mean': missing: expected the means of a batch norm",
      })
  void aMistakeIsOneLine(String layers, String message) throws IOException {
    assertThat(rejected(layers)).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'cell'|model.safetensors: tensor 'cell.peephole': expected no such tensor in a recurrent"
            + " module",
        "'gru', 'bare'|model.safetensors: tensor 'bare.weight': missing: expected a tensor of floats",
        "'gru', 'odd'|model.safetensors: tensor 'odd.weight': missing: expected a tensor of floats",
        "'gru', {'module': 'nrom', 'type': 'layer_norm'}|config.json: layers[1]: expected an"
            + " activation or a module of model.safetensors (bare, cell, empty, gru, odd, wide), found"
            + " 'nrom'",
        "'gru', {'module': 'relu', 'eps': 0.1}|config.json: layers[1]: expected an activation or a"
            + " module of model.safetensors (bare, cell, empty, gru, odd, wide), found 'relu' (did you"
            + " mean relu?)",
        "'empty', 'gru'|model.safetensors: tensor 'empty.weight': expected at least one number,"
            + " found [4 × 3 × 0]",
        "{'module': 'wide', 'dilation': 65536}|model.safetensors: tensor 'wide.weight': expected at"
            + " most 16777216 numbers of state, found 9223372036854775807, with dilation 65536",
      })
  void aHostileFileIsOneLine(String layers, String message) throws IOException {
    ModelDirectory model =
        ModelDirectory.in(path)
            .safetensors(
                new SafeTensorsFile()
                    .zeros("gru.weight_ih_l0", 12, 3)
                    .zeros("gru.weight_hh_l0", 12, 4)
                    .zeros("cell.weight_ih", 16, 3)
                    .zeros("cell.weight_hh", 16, 4)
                    .zeros("cell.peephole", 12)
                    .zeros("bare.bias", 4)
                    .zeros("odd.gain", 4)
                    .zeros("empty.weight", 4, 3, 0)
                    .zeros("wide.weight", 1, 1, 65_538))
            .config("{'layers': [" + layers + "]}");
    assertThat(InvalidFile.message(model::load).replace(model + "/", "")).isEqualTo(message);
  }

  @Test
  void anActivationAtTheEndIsAppliedOnce() throws IOException {
    RnnModel model = model("'gru', 'conv', 'fc', 'sigmoid'").load();
    assertThat(model.activationName()).isEqualTo("identity");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gn", "group_norm1", "GroupNorm", "inorm", "instance_norm", "bn2", "norm.in"})
  void aNameOfAnotherNormIsNotReadAsALayerNorm(String name) throws IOException {
    ModelDirectory model =
        ModelDirectory.in(path)
            .safetensors(tensors().zeros(name + ".weight", 6).zeros(name + ".bias", 6))
            .config("{'layers': ['gru', '" + name + "']}");
    assertThat(InvalidFile.message(model::load).replace(model + "/", ""))
        .isEqualTo(
            "config.json: layers[1]: expected {\"module\": \""
                + name
                + "\", \"type\": \"layer_norm\"} if it is an nn.LayerNorm, or an nn.GroupNorm of one"
                + " group; any other norm without running_mean is not supported, because its"
                + " statistics are not those of one step");
    model.config("{'layers': ['gru', {'module': '" + name + "', 'type': 'layer_norm'}]}");
    assertThat(model.load().outputSize()).isEqualTo(6);
  }

  @Test
  void namesAPReluAndAConvolutionWithGroups() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(path)
            .safetensors(tensors().zeros("act.weight", 1).zeros("depthwise.weight", 6, 1, 3))
            .config("{'layers': ['gru', 'act']}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "config.json: layers[1]: expected a norm of 6 numbers, found act.weight [1]: nn.PReLU"
                + " is not supported; export a step graph");
    model.config("{'layers': ['gru', 'depthwise']}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "module 'depthwise': expected 6 inputs, the outputs of gru, found 1: depthwise.weight [6"
                + " × 1 × 3]; a convolution with groups is not supported");
  }

  @Test
  void aSigmoidAtTheEndIsAppliedOnce() throws IOException {
    ModelDirectory model =
        model("")
            .config("{'layers': ['gru', 'conv', 'sigmoid'], 'output': {'activation': 'sigmoid'}}");
    RnnModel loaded = model.load();
    assertThat(loaded.activationName()).isEqualTo("sigmoid (in the graph)");
    float[] logits = loaded.stepper().logits(loaded.initialState());
    assertThat(loaded.stepper().prediction(logits)).containsOnly(0.5f); // not σ(0.5)
    model.config("{'layers': ['gru', 'conv', 'sigmoid'], 'output': {'activation': 'softmax'}}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "config.json: output.activation: expected sigmoid (applied once) or no such field,"
                + " because "
                + model.path("model.safetensors")
                + " ends in sigmoid, found softmax");
  }

  @Test
  void anEmbeddingIsOnlyForWords() throws IOException {
    ModelDirectory model = model("'gru', 'conv', 'fc'");
    for (String layers : new String[] {"", "'layers': ['gru', 'conv', 'fc'],"}) {
      model.config("{" + layers + "'input': {'embedding': 'net.spare.weight'}}");
      assertThat(InvalidFile.message(model::load))
          .endsWith(
              "config.json: input.embedding: expected only for a model of words, found features");
    }
  }

  @Test
  void excludesTheOtherWaysToNameLayers() throws IOException {
    ModelDirectory model =
        model("'gru'").config("{'layers': ['gru'], 'output': {'head': 'net.fc.weight'}}");
    assertThat(InvalidFile.message(model::load))
        .endsWith("config.json: output.head: expected only without layers");
    model.config("{'layers': ['gru'], 'recurrent': 'net.gru'}");
    assertThat(InvalidFile.message(model::load))
        .endsWith("config.json: recurrent: expected only without layers");
  }
}
