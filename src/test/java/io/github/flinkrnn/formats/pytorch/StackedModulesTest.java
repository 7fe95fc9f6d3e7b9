package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several recurrent modules in one state_dict are stacked if numbers in their names or the config
 * say so. Nothing is guessed from sizes.
 */
class StackedModulesTest {
  @TempDir private Path path;

  private static SafeTensorsFile file() {
    return new SafeTensorsFile();
  }

  /** Adds a module with one layer. {@code suffix} is _l0, or empty for a cell. */
  private static void add(
      SafeTensorsFile tensors, String name, String suffix, int gates, int nX, int n) {
    tensors
        .zeros(name + ".weight_ih" + suffix, gates * n, nX)
        .zeros(name + ".weight_hh" + suffix, gates * n, n)
        .zeros(name + ".bias_ih" + suffix, gates * n)
        .zeros(name + ".bias_hh" + suffix, gates * n);
  }

  /**
   * Units that compute relu(factor x), so that the output is the product of all factors in any
   * order.
   */
  private static SafeTensorsFile scaling(
      SafeTensorsFile tensors, String name, float... factorBias) {
    return tensors
        .f32(name + ".weight_ih", new int[] {1, 1}, factorBias[0])
        .zeros(name + ".weight_hh", 1, 1)
        .f32(name + ".bias_ih", new int[] {1}, factorBias[1])
        .zeros(name + ".bias_hh", 1);
  }

  private ModelDirectory directory(SafeTensorsFile tensors) throws IOException {
    return ModelDirectory.in(path).safetensors(tensors);
  }

  private static String config(String more) {
    return "{'nonlinearity': 'relu', 'output': {'activation': 'identity'}" + more + "}";
  }

  private String rejected(ModelDirectory model) {
    String message = InvalidFile.message(model::load);
    String file = model.path("model.safetensors") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  /** The a&lt;1&gt; of the top layer for x = 1. */
  private static float top(RnnModel model) {
    float[] next = new float[model.stateSize()];
    model.stepper().step(new float[] {1}, model.initialState(), next);
    return model.stepper().hidden(next)[0];
  }

  @Test
  void stacksCellsAsTheConfigSays() throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "a", "", 4, 5, 3);
    add(tensors, "b", "", 4, 7, 5);
    RnnModel model = directory(tensors).config("{'recurrent': ['b', 'a']}").load();
    assertThat(model.input().size()).isEqualTo(7);
    assertThat(model.hiddenSize()).isEqualTo(3);
    assertThat(model.stateSize()).isEqualTo(2 * 5 + 2 * 3);
    assertThat(model.parts().get(0).source()).startsWith("b.weight_ih [20 × 7], b.weight_hh");
    assertThat(model.parts().get(1).source()).startsWith("a.weight_ih [12 × 5], a.weight_hh");
  }

  @Test
  void stacksModulesOfDifferentKinds() throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "lower", "_l0", 3, 7, 5); // nn.GRU
    add(tensors, "middle", "", 1, 5, 4); // nn.RNNCell
    add(tensors, "upper", "_l0", 4, 4, 3); // nn.LSTM
    RnnModel model =
        directory(tensors).config("{'recurrent': ['lower', 'middle', 'upper']}").load();
    assertThat(model.stateSize()).isEqualTo(5 + 4 + 2 * 3);
    assertThat(model.input().size()).isEqualTo(7);
    assertThat(model.hiddenSize()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6, 7, 12})
  void numbersGiveTheOrderOfEqualSizes(int count) throws IOException {
    SafeTensorsFile tensors = file().f32("fc.weight", new int[] {1, 1}, 1);
    List<Integer> written = new ArrayList<>(IntStream.rangeClosed(1, count).boxed().toList());
    Collections.reverse(written);
    for (int number : written) {
      scaling(tensors, "cell" + number, 2, number);
    }
    float expected = 1;
    for (int number = 1; number <= count; number++) {
      expected = 2 * expected + number;
    }
    RnnModel model = directory(tensors).config(config("")).load();
    assertThat(top(model)).isEqualTo(expected);
  }

  @Test
  void asksForTheOrderOfEqualSizesWithoutNumbers() throws IOException {
    SafeTensorsFile tensors = file().f32("fc.weight", new int[] {1, 1}, 1);
    scaling(scaling(tensors, "first", 2, 1), "second", 3, 5);
    ModelDirectory model = directory(tensors);
    assertThat(rejected(model))
        .isEqualTo(
            "expected one stack of recurrent modules, found [first, second], which may be independent,"
                + " as an encoder and a decoder are; list those to use in config.json, bottom first:"
                + " \"recurrent\":"
                + " [\"first\", \"second\"] or [\"second\", \"first\"] or [\"first\"] (leaves out"
                + " second) or [\"second\"] (leaves out first)");
    model.config(config(", 'recurrent': ['first', 'second']"));
    assertThat(top(model.load())).isEqualTo(3 * (2 + 1) + 5);
    model.config(config(", 'recurrent': ['second.', 'first.']"));
    assertThat(top(model.load())).isEqualTo(2 * (3 + 5) + 1);
  }

  @Test
  void configDecidesAgainstTheNumbers() throws IOException {
    SafeTensorsFile tensors = file().f32("fc.weight", new int[] {1, 1}, 1);
    scaling(scaling(tensors, "rnn1", 2, 1), "rnn2", 3, 5);
    ModelDirectory model = directory(tensors).config(config(", 'recurrent': ['rnn2', 'rnn1']"));
    assertThat(top(model.load())).isEqualTo(2 * (3 + 5) + 1);
  }

  @Test
  void configDecidesTheOrderOfManyModules() throws IOException {
    SafeTensorsFile tensors = file().f32("fc.weight", new int[] {1, 1}, 1);
    String[] names = {"g", "f", "e", "d", "c", "b", "a"};
    for (String name : names) {
      scaling(tensors, name, 2, name.charAt(0) - 'a');
    }
    ModelDirectory model = directory(tensors);
    assertThat(rejected(model))
        .isEqualTo(
            "expected one stack of recurrent modules, found [a, b, c, d, e, f, g], which may be"
                + " independent, as an encoder and a decoder are; list those to use in config.json,"
                + " bottom first: \"recurrent\":"
                + " [\"a\"] (leaves out b, c, d, e, f, g) or [\"b\"] (leaves out a, c, d, e, f, g)");
    model.config(config(", 'recurrent': ['" + String.join("', '", names) + "']"));
    float expected = 1;
    for (String name : names) {
      expected = 2 * expected + name.charAt(0) - 'a';
    }
    assertThat(top(model.load())).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "['second', 'second.']; [second, second.]; ''",
        "['first', 'secnod']; [first, secnod]; ' (did you mean second?)'",
        "['first', 'second', 'third']; [first, second, third]; ''"
      })
  void rejectsAnOrderOfOtherModules(String said, String names, String hint) throws IOException {
    SafeTensorsFile tensors = file().f32("fc.weight", new int[] {1, 1}, 1);
    scaling(scaling(tensors, "first", 2, 1), "second", 3, 5);
    ModelDirectory model = directory(tensors).config("{'recurrent': " + said + "}");
    assertThat(rejected(model))
        .isEqualTo(
            "expected distinct modules of [first, second] in recurrent in config.json, found "
                + names
                + hint);
  }

  @Test
  void rejectsAnOrderWhoseSizesDoNotFit() throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "a", "", 4, 5, 3);
    add(tensors, "b", "", 4, 7, 5);
    assertThat(rejected(directory(tensors).config("{'recurrent': ['a', 'b']}")))
        .isEqualTo(
            "expected modules that each take the output of the one before, found [a, b] in recurrent"
                + " in config.json");
  }

  @ParameterizedTest
  @CsvSource({"6, 3", "3, 6", "5, 5"})
  void rejectsNumberedModulesThatDoNotFit(int nX, int n) throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "rnn1", "_l0", 3, 7, 4);
    add(tensors, "rnn2", "_l0", 3, nX, n);
    assertThat(rejected(directory(tensors)))
        .isEqualTo(
            "expected one stack of recurrent modules, found [rnn1, rnn2], which do not fit in the order"
                + " of their numbers; list those to use in config.json, bottom first:"
                + " \"recurrent\": [\"rnn1\"] (leaves out rnn2) or [\"rnn2\"] (leaves out rnn1)");
  }

  // 4 inputs, 3 units, and back: although the sizes fit, one need not feed the other.
  @Test
  void neverStacksAnEncoderAndADecoder() throws IOException {
    SafeTensorsFile tensors = file().zeros("out.weight", 2, 3).zeros("back.weight", 4, 4);
    add(tensors, "encoder.lstm", "_l0", 4, 4, 3);
    add(tensors, "decoder.lstm", "_l0", 4, 3, 4);
    ModelDirectory model = directory(tensors);
    assertThat(rejected(model))
        .isEqualTo(
            "expected one stack of recurrent modules, found [decoder.lstm, encoder.lstm], which may be"
                + " independent, as an encoder and a decoder are; list those to use in config.json,"
                + " bottom first:"
                + " \"recurrent\": [\"decoder.lstm\", \"encoder.lstm\"] or [\"encoder.lstm\","
                + " \"decoder.lstm\"] or [\"decoder.lstm\"] (leaves out encoder.lstm) or"
                + " [\"encoder.lstm\"] (leaves out decoder.lstm)");
    model.config("{'recurrent': 'encoder.lstm', 'output': {'head': 'out.weight'}}");
    assertThat(model.load().cellTypes()).containsExactly("lstm, 4 to 3");
    assertThat(model.load().parts().stream().filter(part -> part.name().equals("not used")))
        .extracting(Part::source)
        .containsExactly(
            "back.weight [4 × 4]",
            "decoder.lstm.weight_ih_l0 [16 × 3]",
            "decoder.lstm.weight_hh_l0 [16 × 4]",
            "decoder.lstm.bias_ih_l0 [16]",
            "decoder.lstm.bias_hh_l0 [16]");
  }

  // A module that is not read need not be complete.
  @Test
  void leavesOutAnIncompleteModuleThatTheConfigDoesNotName() throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "decoder", "_l0", 3, 4, 3);
    add(tensors, "encoder", "_l0", 3, 4, 3);
    tensors.zeros("encoder.weight_ih_l0_reverse", 9, 4);
    ModelDirectory model = directory(tensors);
    assertThat(rejected(model))
        .startsWith("tensor 'encoder.weight_hh_l0_reverse': missing: expected [9 × 3]");
    model.config("{'recurrent': ['decoder']}");
    assertThat(model.load().parts())
        .contains(new Part("not used", "encoder.weight_ih_l0_reverse [9 × 4]"));
  }

  @Test
  void rejectsALayerAndACellWithTheSameName() throws IOException {
    SafeTensorsFile tensors = file().zeros("fc.weight", 2, 3);
    add(tensors, "rnn", "", 3, 7, 3);
    tensors.zeros("rnn.weight_ih_l0", 9, 3);
    assertThat(rejected(directory(tensors)))
        .startsWith(
            "tensor 'rnn.weight_ih_l0': expected a tensor of a layer; the layers end with rnn.");
  }

  @Test
  void namesOneModuleWithoutAPrefix() throws IOException {
    SafeTensorsFile tensors =
        file().zeros("weight_ih", 9, 4).zeros("weight_hh", 9, 3).zeros("out", 2, 3);
    RnnModel model = directory(tensors).load();
    assertThat(model.stateSize()).isEqualTo(3);
    assertThat(model.describe()).contains("gru, one layer of 3, 4 features, 2 outputs");
  }
}
