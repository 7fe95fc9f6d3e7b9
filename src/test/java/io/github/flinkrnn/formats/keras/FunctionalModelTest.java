package io.github.flinkrnn.formats.keras;

import static io.github.flinkrnn.formats.keras.SmallArchitecture.DENSE;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.RNN;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.files;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.layer;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.rejected;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.sequential;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Functional models: how layers are connected, and graphs that must not be read, or that would be
 * large. The weights are those of simple-rnn: a SimpleRNN of 4 to 6 and a Dense of 6 to 3.
 */
@Timeout(60)
class FunctionalModelTest {
  private static String functional(String output, String... layers) {
    return "{'class_name': 'Functional', 'config': {'input_layers': [['i', 0, 0]], 'output_layers': ["
        + output
        + "], 'layers': [{'class_name': 'InputLayer', 'config': {'name': 'i', 'batch_shape': [null,"
        + " null, 4]}, 'inbound_nodes': []}, "
        + String.join(", ", layers)
        + "]}}";
  }

  private static String of(String layer, String inputs) {
    return layer.replaceFirst("}}$", "}, 'inbound_nodes': [[" + inputs + "]]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "['i', 0, 0]; ['r', 0, 0]; ['d', 0, 0]; ",
        "['i', 0, 0]; ['r', 7, 0]; ['d', 0, 0]; ",
        "['i', 0, 0]; ['i', 0, 0]; ['d', 0, 0];"
            + " `'/layers/dense/vars/0': expected [4 × 3], found [6 × 3]`",
        "['i', 0, 0], ['i', 0, 0]; ['r', 0, 0]; ['d', 0, 0]; `config.json: layer 'r' (SimpleRNN):"
            + " expected one input, and no initial state, found 2 inputs`",
        "['i', 0, 0], ['j', 0, 0]; ['r', 0, 0]; ['d', 0, 0]; `config.json.inbound_nodes: expected the"
            + " name of a layer, found 'j'`",
        "['i', 0, 0]; ['r', 0, 1]; ['d', 0, 0]; `config.json.layers: expected output 0 of layer 'r',"
            + " found output 1, which is not supported`",
        "['d', 0, 0]; ['r', 0, 0]; ['d', 0, 0]; `config.json.layers: expected no cycle, found layer"
            + " 'd' that takes its own output`",
        "['r', 0, 0]; ['r', 0, 0]; ['d', 0, 0]; `config.json.layers: expected no cycle, found layer"
            + " 'r' that takes its own output`",
        "; ['r', 0, 0]; ['d', 0, 0]; `config.json: layer 'r' (SimpleRNN): expected one input, and no"
            + " initial state, found 0 inputs`",
        "['i', 0, 0]; ['r', 0, 0]; ['r', 0, 0]; `'/layers/dense/vars/0': expected only weights of the"
            + " layers, found weights that no layer uses`",
        "['i', 0, 0]; ['r', 0, 0]; ; `config.json.output_layers: expected at least one output, found"
            + " none`"
      })
  void connectsTheLayersOfAFunctionalModel(String toRnn, String toDense, String output, String why)
      throws IOException {
    String model =
        functional(
            output == null ? "" : output, of(RNN, toRnn == null ? "" : toRnn), of(DENSE, toDense));
    if (why == null) {
      assertThat(files(model).load().outputSize()).isEqualTo(3);
    } else {
      assertThat(rejected(files(model))).isEqualTo("m/model.keras: " + why);
    }
  }

  @Test
  void aNameIsOfOneLayer() throws IOException {
    String dense = of(DENSE, "['r', 0, 0]");
    assertThat(rejected(files(functional("['d', 0, 0]", of(RNN, "['i', 0, 0]"), dense, dense))))
        .isEqualTo(
            "m/model.keras: config.json.layers: expected one layer of the name 'd', found two");
  }

  @Test
  void aModelHasOneInput() throws IOException {
    String two =
        functional("['d', 0, 0]", of(RNN, "['i', 0, 0]"), of(DENSE, "['r', 0, 0]"))
            .replace("'input_layers': [['i', 0, 0]]", "'input_layers': [['i', 0, 0], ['r', 0, 0]]");
    assertThat(rejected(files(two)))
        .isEqualTo(
            "m/model.keras: config.json.input_layers: expected one input, found 2: i, r; concatenate"
                + " them before the model, or export a step graph (docs/ONNX.md)");
    String other = two.replace("[['i', 0, 0], ['r', 0, 0]]", "[['r', 0, 0]]");
    assertThat(rejected(files(other)))
        .isEqualTo(
            "m/model.keras: config.json.input_layers: expected an InputLayer, found layer 'r'");
  }

  /** A model that calls a model twice, which calls a model twice, and so on: 2^n layers. */
  @Test
  void modelsInModelsStayBounded() throws IOException {
    String model = "{'class_name': 'Activation', 'config': {'name': 'm', 'activation': 'relu'}}";
    for (int i = 0; i < 6; i++) {
      StringBuilder calls = new StringBuilder("[['i', 0, 0]]");
      for (int call = 0; call < 9; call++) {
        calls.append(", [['m', ").append(call).append(", 0]]");
      }
      String called = model.replaceFirst("}}$", "}, 'inbound_nodes': [" + calls + "]}");
      model =
          functional("['m', 9, 0]", called)
              .replaceFirst("'input_layers'", "'name': 'm', 'input_layers'");
    }
    assertThat(rejected(files(sequential(model, RNN, DENSE))))
        .isEqualTo("m/model.keras: config.json: expected at most 10000 layers, found more");
  }

  @Test
  void aLargeShapeTakesNoMemory() throws IOException {
    String input = layer("InputLayer", ", 'batch_shape': [null, 5, 16777216]");
    assertThat(
            rejected(files(sequential(input, layer("Activation", ", 'activation': 'elu'"), RNN))))
        .isEqualTo(
            "m/model.keras: '/layers/simple_rnn/cell/vars/0': expected [16777216 × 6], found [4 × 6]");
    String small = functional("['d', 0, 0]", of(RNN, "['i', 0, 0]"), of(DENSE, "['c', 0, 0]"));
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String before = i == 0 ? "'r'" : "'c" + (i - 1) + "'";
      String inputs = ("[" + before + ", 0, 0], ").repeat(10).replaceFirst(", $", "");
      String name = i == 11 ? "c" : "c" + i;
      many.append(", ")
          .append(
              of(
                  "{'class_name': 'Concatenate', 'config': {'name': '" + name + "', 'axis': -1}}",
                  inputs));
    }
    String wide = small.replaceFirst("]}}$", many.toString().replace("$", "\\$") + "]}}");
    assertThat(rejected(files(wide)))
        .isEqualTo(
            "m/model.keras: config.json: layer 'c6' (Concatenate): expected at most 16777216 numbers,"
                + " found 60000000");
  }

  /** Every one of these stood between the layers and threw another exception, or would be wrong. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "GetItem; ; `: expected [:, -1], the last step, found another index: `",
        "Multiply; ; ``",
        "Subtract; ; `: expected 2 inputs, found 1`",
        "Divide; ; `: expected a constant divisor, found 1 inputs`",
        "LeakyReLU; 'negative_slope': 1e39; .negative_slope: expected a finite float32 number",
        "ReLU; 'threshold': -1; `: expected max_value and threshold from 0`",
        "Rescaling; 'scale': [1, 2]; `: scale: expected one number or 6, found 2`",
        "Rescaling; 'scale': []; `.scale: expected numbers, found none`",
        "Rescaling; 'scale': [1, 'a']; `.scale: expected finite float32 numbers`",
        "Rescaling; 'offset': 1; `.scale: expected numbers`",
        "Normalization; 'mean': 1; `.variance: expected with mean, or neither`",
        "Normalization; 'axis': [1], 'mean': 1, 'variance': 1; `.axis: expected -1, the features,"
            + " found [1]`",
        "Normalization; 'mean': 0, 'variance': -1; `.variance: expected variances from 0, found -1.0`",
        "Normalization; 'mean': 3e38, 'variance': 0; `.variance: expected variances whose quotients"
            + " are finite float32 numbers`",
        "Normalization; ; `: expected 3 weights, found 0: []`",
        "PReLU; ; `.shared_axes: expected [1], so that each step has the same slopes, found `",
        "Softmax; 'axis': 1; `.axis: expected -1, the features, found 1`",
        "Reshape; 'target_shape': [3, 2]; `: expected the length of the vector before, 6, found 2,"
            + " which is not one vector for each token`",
        "Reshape; 'target_shape': [6]; `.target_shape: expected [steps, features], the shape before,"
            + " found [6], which is not one vector for each token`",
        "Masking; 'mask_value': 1; `: expected one chain of layers from here to the last recurrent"
            + " layer, which skips padding; remove padding from the stream and this layer from the"
            + " model`",
        "Masking; ; ``",
        "Embedding; 'output_dim': 2; `: expected as the first layer, found after another layer`",
        "RNN; ; `.cell: expected an object`",
        "RNN; 'cell': {'class_name': 'MyCell'}; `.cell.class_name: expected SimpleRNNCell, GRUCell or"
            + " LSTMCell, found MyCell`",
        "RNN; 'cell': {'class_name': 'StackedRNNCells', 'config': {'cells': []}};"
            + " `.cell.config.cells: expected an array of 1 to 1000 cells`",
        "TimeDistributed; 'layer': {'class_name': 'GRU', 'config': {}}; `: expected a layer that takes"
            + " one token, such as Dense, found GRU, which would take a sequence of its own at each"
            + " token`"
      })
  void readsOrRejectsALayerBetween(String className, String options, String why)
      throws IOException {
    String between = layer(className, options == null ? "" : ", " + options);
    KerasFiles files = files(sequential(RNN, between, DENSE));
    if (why.isEmpty()) {
      assertThat(files.load().outputSize()).isEqualTo(3);
    } else {
      assertThat(rejected(files))
          .isEqualTo("m/model.keras: config.json: layer 'x' (" + className + ")" + why);
    }
  }

  @Test
  void aNumberMayHaveManyDigits() throws IOException {
    String digits = "9".repeat(400);
    String scale = layer("Rescaling", ", 'scale': " + digits);
    assertThat(rejected(files(sequential(RNN, scale, DENSE))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (Rescaling).scale: expected finite float32 numbers");
    String elu = layer("ELU", ", 'alpha': " + digits);
    assertThat(rejected(files(sequential(RNN, elu, DENSE))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (ELU).alpha: expected a finite float32 number");
    String norm = layer("LayerNormalization", ", 'axis': -1, 'epsilon': " + digits);
    assertThat(rejected(files(sequential(RNN, norm, DENSE))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (LayerNormalization).epsilon: expected a number"
                + " from 0 to 1");
  }

  @Test
  void anIndexOrAConstantMayBeAnything() throws IOException {
    String item = layer("GetItem", "").replaceFirst("}}$", "}, 'inbound_nodes': [{'args': ");
    for (String index : new String[] {"{'a': 1, 'b': -1}", "[1, -1]", "[null, -1, 3]", "-1"}) {
      String of = item + "[['r', 0, 0], " + index + "]}]}";
      String model =
          functional("['d', 0, 0]", of(RNN, "['i', 0, 0]"), of, of(DENSE, "['x', 0, 0]"));
      assertThat(rejected(files(model)))
          .isEqualTo(
              "m/model.keras: config.json: layer 'x' (GetItem): expected [:, -1], the last step,"
                  + " found another index: "
                  + index.replace("'", "\"").replace(": ", ":").replace(", ", ","));
    }
    String add = layer("Add", "").replaceFirst("}}$", "}, 'inbound_nodes': [{'args': ");
    String of = add + "{'a': ['r', 0, 0], 'b': 1}}]}";
    String model = functional("['d', 0, 0]", of(RNN, "['i', 0, 0]"), of, of(DENSE, "['x', 0, 0]"));
    assertThat(files(model).load().outputSize()).isEqualTo(3); // a sum of one
  }

  @Test
  void aMaskMustBeThatOfALayerBefore() throws IOException {
    String any = of(layer("Any", "a", ""), "['i', 0, 0]");
    String rnn =
        RNN.replaceFirst(
            "}}$",
            "}, 'inbound_nodes': [{'args': [['i', 0, 0]], 'kwargs': {'mask': ['a', 0, 0]}}]}");
    assertThat(rejected(files(functional("['d', 0, 0]", any, rnn, of(DENSE, "['r', 0, 0]")))))
        .isEqualTo(
            "m/model.keras: config.json.layers: expected only masks of Masking and Embedding, found"
                + " layer 'r' with the mask of 'a'");
    String masking = of(layer("Masking", "m", ""), "['i', 0, 0]");
    String masked = rnn.replace("'args': [['i', 0, 0]]", "'args': [['m', 0, 0]]");
    String model = functional("['d', 0, 0]", any, masking, masked, of(DENSE, "['r', 0, 0]"));
    assertThat(files(model).load().cellTypes()).singleElement().asString().contains("masked");
    String branch = of(layer("Add", "s", ""), "['m', 0, 0], ['i', 0, 0]");
    String joined = rnn.replace("'args': [['i', 0, 0]]", "'args': [['s', 0, 0]]");
    assertThat(
            rejected(
                files(
                    functional(
                        "['d', 0, 0]", any, masking, branch, joined, of(DENSE, "['r', 0, 0]")))))
        .startsWith(
            "m/model.keras: config.json: layer 'm' (Masking): expected one chain of layers");
    String twice = of(layer("Masking", "n", ""), "['m', 0, 0]");
    String after = rnn.replace("'args': [['i', 0, 0]]", "'args': [['n', 0, 0]]");
    assertThat(
            rejected(
                files(
                    functional(
                        "['d', 0, 0]", any, masking, twice, after, of(DENSE, "['r', 0, 0]")))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'n' (Masking): expected only one layer that says what"
                + " is padding, found two");
  }

  @Test
  void aModelHasAThousandOutputsAtMost() throws IOException {
    String all = "['d', 0, 0], ".repeat(1000) + "['d', 0, 0]";
    String model = functional(all, of(RNN, "['i', 0, 0]"), of(DENSE, "['r', 0, 0]"));
    assertThat(rejected(files(model)))
        .isEqualTo(
            "m/model.keras: config.json.output_layers: expected at most 1000 outputs, found more");
    RnnModel three =
        files(
                functional(
                    "['d', 0, 0], ['d', 0, 0], ['r', 0, 0]",
                    of(RNN, "['i', 0, 0]"),
                    of(DENSE, "['r', 0, 0]")))
            .load();
    assertThat(three.headNames()).containsExactly("d", "d_1", "r");
  }

  /** Each head would hold the chain below it once more: n² layers. */
  @Test
  void headsOfALongChainStayBounded() throws IOException {
    String chain =
        IntStream.range(0, 400)
            .mapToObj(
                i -> of(layer("Identity", "a" + i, "").replace("Identity", "Activation"), in(i)))
            .map(each -> each.replace("'config': {", "'config': {'activation': 'tanh', "))
            .collect(Collectors.joining(", "));
    String outputs =
        IntStream.range(0, 400)
            .mapToObj(i -> "['a" + i + "', 0, 0]")
            .collect(Collectors.joining(", "));
    String model = functional(outputs, of(RNN, "['i', 0, 0]"), of(DENSE, "['r', 0, 0]"), chain);
    assertThat(rejected(files(model)))
        .isEqualTo("m/model.keras: expected at most 10000 layers in all heads, found more");
  }

  private static String in(int i) {
    return i == 0 ? "['d', 0, 0]" : "['a" + (i - 1) + "', 0, 0]";
  }

  @Test
  void aSumHasInputsOfOneLengthAndOfTheSameSteps() throws IOException {
    String sum = of(layer("Add", ""), "['r', 0, 0], ['d', 0, 0]");
    assertThat(
            rejected(
                files(
                    functional(
                        "['x', 0, 0]", of(RNN, "['i', 0, 0]"), of(DENSE, "['r', 0, 0]"), sum))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (Add): expected inputs of one length, found 6, 3");
    String last = RNN.replace("'name'", "'return_sequences': false, 'name'");
    String both = of(layer("Concatenate", ""), "['i', 0, 0], ['r', 0, 0]");
    assertThat(rejected(files(functional("['x', 0, 0]", of(last, "['i', 0, 0]"), both))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (Concatenate): expected inputs of the same steps,"
                + " found all steps and only the last one");
  }

  @Test
  void aLayerAfterTheLastStepTakesNoSequence() throws IOException {
    String last = RNN.replace("'name'", "'return_sequences': false, 'name'");
    assertThat(rejected(files(sequential(last, layer("GRU", ""), DENSE))))
        .isEqualTo(
            "m/model.keras: config.json: layer 'x' (GRU): expected a sequence, found only the last"
                + " step of one, because a layer before has return_sequences=False; train with"
                + " return_sequences=True there");
  }
}
