package io.github.flinkrnn.formats.keras;

import static io.github.flinkrnn.formats.keras.SmallArchitecture.DENSE;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.RNN;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.files;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.layer;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.rejected;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.sequential;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.OutputActivation;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which architectures are supported, and the errors for others. The weights are those of
 * simple-rnn.
 */
class ArchitectureTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Dropout",
        "SpatialDropout1D",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
        "ActivityRegularization",
        "Identity"
      })
  void skipsLayersWithoutEffect(String idle) throws IOException {
    String layer = layer(idle, ", 'rate': 0.5");
    RnnModel model = files(sequential(layer, RNN, layer, DENSE, layer)).load();
    assertThat(model.describe()).contains("rnn (tanh), one layer of 6, 4 features, 3 outputs");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "GlobalAveragePooling1D; `not supported: it needs the whole sequence at once, and a stream"
            + " brings one token at a time; train with the last step (return_sequences=False)"
            + " instead; or export a step graph (docs/ONNX.md)`",
        "MultiHeadAttention; `not supported: it reads all tokens of the sequence at every step; train"
            + " without it; or export a step graph (docs/ONNX.md)`",
        "Conv2D; `not supported: a token is a vector or a word, not an image; train without it; or"
            + " export a step graph (docs/ONNX.md)`",
        "ConvLSTM1D; `not supported: a token is a vector or a word, not an image; train without it;"
            + " or export a step graph (docs/ONNX.md)`",
        "Lambda; `not supported: its Python code is not in the file; use layers of Keras instead; or"
            + " export a step graph (docs/ONNX.md)`",
        "RepeatVector; `not supported: it separates an encoder of a whole sequence from a decoder;"
            + " save the encoder as a model; or export a step graph (docs/ONNX.md)`",
        "TextVectorization; `not supported: a token is a vector or one word; put the words in"
            + " vocab.txt and save the model that follows this layer`",
        "Flatten; `not supported: it joins all steps of the sequence into one vector, and a stream"
            + " brings one token at a time; train with the last step (return_sequences=False)"
            + " instead`",
        "GroupNormalization; `expected Embedding, SimpleRNN, GRU, LSTM, RNN, Bidirectional, Dense,"
            + " TimeDistributed, Conv1D (causal), BatchNormalization, LayerNormalization,"
            + " RMSNormalization, Normalization, Rescaling, Masking, Activation, Add, Concatenate or"
            + " Dropout, found GroupNormalization; or export a step graph (docs/ONNX.md)`"
      })
  void rejectsLayer(String className, String why) throws IOException {
    assertThat(rejected(files(sequential(layer(className, ""), RNN, DENSE))))
        .isEqualTo("m/model.keras: config.json: layer 'x' (" + className + "): " + why);
  }

  @Test
  void configJsonMayRepeatTheActivationOfTheFile() throws IOException {
    KerasFiles files = files(sequential(RNN, DENSE));
    float[] logits = {1, 2, 3};
    float[] once = OutputActivation.SOFTMAX.apply(logits);
    assertThat(files.load().stepper().prediction(logits)).containsExactly(once);
    files.with("config.json", "{'output': {'activation': 'softmax', 'labels': ['a', 'b', 'c']}}");
    assertThat(files.load().stepper().prediction(logits)).containsExactly(once);
    for (String other : List.of("sigmoid", "identity")) {
      files.with("config.json", "{'output': {'activation': '" + other + "'}}");
      assertThat(rejected(files))
          .isEqualTo(
              "m/config.json: output.activation: expected softmax (applied once) or no such field,"
                  + " because m/model.keras ends in softmax, found "
                  + other);
    }
  }

  @Test
  void configJsonMaySetAnyActivationAfterALinearLayer() throws IOException {
    KerasFiles files = files(sequential(RNN, DENSE.replace("softmax", "linear")));
    assertThat(files.load().activationName()).isEqualTo("identity");
    for (String said : List.of("softmax", "sigmoid", "identity")) {
      files.with("config.json", "{'output': {'activation': '" + said + "'}}");
      assertThat(files.load().activationName()).isEqualTo(said);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'batch_shape': [null, 5, 4]; 5",
        "'batch_input_shape': [null, 5, 4]; 5",
        "'shape': [null, 5, 4]; 5",
        "'batch_shape': [32, 7, 4]; 7",
        "'batch_shape': [null, 1, 4]; 0",
        "'batch_shape': [null, null, 4]; 0",
        "'batch_shape': [null, 4]; 0",
        "'batch_shape': [null, '5', 4]; 0"
      })
  void knowsTheStepsThatTheFileFixes(String shape, int steps) throws IOException {
    RnnModel open = files(sequential(RNN, DENSE)).load();
    assertThat(open.fixedSteps()).isZero();
    assertThat(open.describe()).doesNotContain("fixed");
    String ofTheLayer = RNN.replace("'name'", shape + ", 'name'");
    for (String architecture :
        List.of(
            sequential(layer("InputLayer", ", " + shape), RNN, DENSE),
            sequential(ofTheLayer, DENSE))) {
      RnnModel model = files(architecture).load();
      assertThat(model.fixedSteps()).isEqualTo(steps);
      assertThat(model.describe().contains(", fixed to " + steps + " steps (version"))
          .isEqualTo(steps > 0);
      assertThat(model.fingerprint()).isEqualTo(open.fingerprint());
      assertThat(model.version()).isEqualTo(open.version());
    }
  }

  // Keras itself carries the state of a stateful layer from one window to the next.
  @Test
  void theStepsOfAStatefulLayerAreNotAWindow() throws IOException {
    String stateful = RNN.replace("'name'", "'batch_shape': [1, 5, 4], 'stateful': true, 'name'");
    assertThat(files(sequential(stateful, DENSE)).load().fixedSteps()).isZero();
  }

  @Test
  void knowsTheStepsOfWords() throws IOException {
    String embedding =
        "{'class_name': 'Embedding', 'config': {'name': 'e', 'batch_input_shape': [null, 17],"
            + " 'output_dim': 5}}";
    String lstm =
        "{'class_name': 'LSTM', 'config': {'name': 'l', 'units': 6, 'activation': 'tanh',"
            + " 'recurrent_activation': 'sigmoid'}}";
    String dense =
        "{'class_name': 'TimeDistributed', 'config': {'name': 't', 'layer': " + DENSE + "}}";
    KerasFiles files =
        new KerasFiles()
            .archive(sequential(embedding, lstm, dense), "words-lstm")
            .with("vocab.txt", KerasFiles.resource("words-lstm/model/vocab.txt"));
    assertThat(files.load().fixedSteps()).isEqualTo(17);
    files.with("vocab.txt", "a\nb\nc\nd\ne\nf\ng\n");
    assertThat(rejected(files))
        .isEqualTo(
            "m/model.keras: '/layers/embedding/vars/0': expected a row for each of the 7 words of the"
                + " vocabulary, found [8 × 5]; because Keras counts word 0 as padding, put a line for"
                + " it, such as <pad>, at the top of vocab.txt");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'zero_output_for_mask': true; .zero_output_for_mask: expected false",
        "'units': 0; .units: expected an integer from 1 to 16777216",
        "'units': 7; `'/layers/simple_rnn/cell/vars/0': expected [4 × 7], found [4 × 6]`",
        "'use_bias': false; : expected 2 weights, found 3",
        "'activation': 'sparsemax'; : expected one of the activations tanh, relu, sigmoid,",
        "'activation': 'softmax'; : expected one of the activations tanh, relu, sigmoid,",
        "'activation': 3; .activation: expected a string",
        "'activation': {'class_name': 'f'}; `.activation: expected a string or an activation of Keras, found f`",
        "'go_backwards': 1; .go_backwards: expected true or false"
      })
  void rejectsOption(String option, String why) throws IOException {
    String field = option.replaceFirst(":.*", "");
    String rest =
        "{'name': 'r', 'units': 6, 'activation': 'tanh'}".replaceAll(field + ": [^,}]+", option);
    String config = rest.contains(option) ? rest : rest.replace("}", ", " + option + "}");
    String rnn = "{'class_name': 'SimpleRNN', 'config': " + config + "}";
    assertThat(rejected(files(sequential(rnn, DENSE)))).startsWith("m/model.keras: ").contains(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "Conv1D; 'filters': 6, 'kernel_size': [3], 'padding': 'same';"
            + " `.padding: expected causal, found same, which reads future tokens; train with"
            + " padding='causal'`",
        "Conv1D; 'filters': 6, 'kernel_size': [3], 'padding': 'valid';"
            + " `.padding: expected causal, found valid, which gives fewer steps than there are"
            + " tokens; train with padding='causal'`",
        "Conv1D; 'filters': 6, 'kernel_size': [3, 3], 'padding': 'causal', 'dilation_rate': 1;"
            + " .kernel_size: expected an integer from 1 to 65536",
        "Conv1D; 'filters': 6, 'kernel_size': 3, 'padding': 'causal', 'strides': [2];"
            + " .strides: expected 1, found [2]",
        "BatchNormalization; 'axis': 1, 'epsilon': 0.1; .axis: expected -1, the features, found 1",
        "LayerNormalization; 'axis': -1, 'rms_scaling': true; .rms_scaling: expected false",
        "Conv1D; 'filters': 6, 'kernel_size': 3, 'padding': 'causal', 'data_format':"
            + " 'channels_first'; .data_format: expected channels_last, found channels_first",
        "LayerNormalization; 'axis': -1; .epsilon: expected a number from 0 to 1"
      })
  void rejectsAnOptionOfANormOrAConvolution(String className, String options, String why)
      throws IOException {
    String layer = layer(className, ", " + options + ", 'activation': 'linear'");
    assertThat(rejected(files(sequential(layer, RNN, DENSE))))
        .contains("layer 'x' (" + className + ")" + why);
  }

  @Test
  void rejectsLayersInAnotherOrder() throws IOException {
    assertThat(rejected(files(sequential(DENSE))))
        .isEqualTo(
            "m/model.keras: '/layers/simple_rnn/cell/vars/0': expected only weights of the layers,"
                + " found weights that no layer uses");
    assertThat(rejected(files(sequential(DENSE, RNN))))
        .isEqualTo(
            "m/model.keras: '/layers/simple_rnn/cell/vars/0': expected [3 × 6], found [4 × 6]");
    String embedding = layer("Embedding", ", 'input_dim': 2, 'output_dim': 4");
    assertThat(rejected(files(sequential(RNN, embedding, DENSE))))
        .contains("layer 'x' (Embedding): expected as the first layer, found after another layer");
    assertThat(rejected(files(sequential(embedding, RNN, DENSE))))
        .contains("layer 'x' (Embedding): expected a model of words: put vocab.txt next to");
  }

  @Test
  void rejectsCustomClasses() throws IOException {
    String mine = RNN.replace("{'class_name'", "{'registered_name': 'my>SimpleRNN', 'class_name'");
    assertThat(rejected(files(sequential(mine, DENSE)))).contains(", found the custom class my>");
    mine = RNN.replace("{'class_name'", "{'module': 'kerasplus', 'class_name'");
    assertThat(rejected(files(sequential(mine, DENSE)))).contains(", found the custom class ");
    assertThat(rejected(files("{'class_name': 'MyModel', 'config': {'layers': [1]}}")))
        .isEqualTo("m/model.keras: config.json: expected Sequential or Functional, found MyModel");
  }

  @Test
  void configJsonMayNotNameAnotherNetwork() throws IOException {
    KerasFiles files = files(sequential(RNN, DENSE));
    assertThat(files.load().describe()).startsWith("m: rnn (tanh)");
    files.with("config.json", "{'model_type': 'gru'}");
    assertThat(rejected(files))
        .startsWith("m/config.json: model_type: expected the type of ")
        .endsWith(", found gru");
    files.with("config.json", "{'nonlinearity': 'relu'}");
    assertThat(rejected(files))
        .startsWith("m/config.json: nonlinearity: expected tanh as in ")
        .endsWith(", found relu");
    files.with("config.json", "{'model_type': 'rnn', 'nonlinearity': 'tanh'}");
    assertThat(files.load().outputSize()).isEqualTo(3);
  }
}
