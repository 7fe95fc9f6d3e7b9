package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.LookAheadCase;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Network.Place;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bidirectional modules of a state_dict give what PyTorch computes for whole sequences, and what
 * {@code src/test/python/look_ahead.py} computes if each layer looks only some tokens ahead. {@code
 * bidirectional_cases.py} wrote the cases.
 */
class BidirectionalStateDictTest {
  private static final String READ =
      "with bidirectional layers, of which the head reads each position or the two ends";

  @TempDir private Path directory;

  private ModelDirectory directory(SafeTensorsFile tensors, String config) throws IOException {
    return ModelDirectory.in(directory).safetensors(tensors).config(config);
  }

  private String rejected(SafeTensorsFile tensors, String config) throws IOException {
    ModelDirectory model = directory(tensors, config);
    return InvalidFile.message(model::load).replace(directory + "/", "");
  }

  /** Two layers of a GRU with 3 inputs and 4 units in each direction, and a head of 2 outputs. */
  private static SafeTensorsFile gru(String... leftOut) {
    List<String> without = List.of(leftOut);
    SafeTensorsFile tensors = new SafeTensorsFile();
    add(tensors, without, "fc.weight", 2, 8);
    for (int layer = 0; layer < 2; layer++) {
      for (String direction : List.of("", "_reverse")) {
        String suffix = "_l" + layer + direction;
        add(tensors, without, "rnn.weight_ih" + suffix, 12, layer == 0 ? 3 : 8);
        add(tensors, without, "rnn.weight_hh" + suffix, 12, 4);
        add(tensors, without, "rnn.bias_ih" + suffix, 12);
        add(tensors, without, "rnn.bias_hh" + suffix, 12);
      }
    }
    return tensors;
  }

  private static void add(SafeTensorsFile tensors, List<String> without, String name, int... of) {
    if (!without.contains(name)) {
      tensors.zeros(name, of);
    }
  }

  static List<String> names() throws IOException {
    return LookAheadCase.names("model.safetensors");
  }

  @Test
  void thereAreCases() throws IOException {
    assertThat(names())
        .containsExactly(
            "fields-heads",
            "final-norm-heads",
            "final-words",
            "gru-3-layers",
            "lstm-1-layer",
            "lstm-one-hot-3-layers",
            "lstm-projected-2-layers",
            "norms-between",
            "numbered-modules",
            "one-way-between",
            "rnn-relu-2-layers-no-bias",
            "rnn-words",
            "word-norms-heads");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAndWithTheReference(String name) throws IOException {
    LookAheadCase of = LookAheadCase.of(name);
    assertThat(of.looks()).hasSize(name.startsWith("final") ? 1 : 5).endsWith("end");
    for (String look : of.looks()) {
      of.assertAgrees(look);
    }
  }

  @Test
  void describesBothCellsOfALayer() throws IOException {
    RnnModel model = directory(gru(), "{}").load();
    assertThat(model.describe()).contains("bidirectional gru, 2 layers of 8, 3 features");
    assertThat(model.parts())
        .contains(
            new Part(
                "layer 2",
                "rnn.weight_ih_l1 [12 × 8], rnn.weight_hh_l1 [12 × 4], rnn.bias_ih_l1 [12],"
                    + " rnn.bias_hh_l1 [12], rnn.weight_ih_l1_reverse [12 × 8],"
                    + " rnn.weight_hh_l1_reverse [12 × 4], rnn.bias_ih_l1_reverse [12],"
                    + " rnn.bias_hh_l1_reverse [12]"));
  }

  @Test
  void theLayerBelowTheHeadReadsTheEnds() throws IOException {
    RnnModel model = directory(gru(), "{'output': {'read': 'final'}}").load();
    assertThat(model.cellTypes())
        .containsExactly(
            "bidirectional gru, 3 to 8", "bidirectional gru, of the whole sequence, 8 to 8");
    assertThat(model.parts())
        .extracting(Part::layer)
        .containsAll(
            model.chain().stream().filter(place -> place.depth() == 0).map(Place::layer).toList());
    assertThat(directory(gru(), "{'output': {'read': 'each'}}").load().cellTypes())
        .containsExactly("bidirectional gru, 3 to 8", "bidirectional gru, 8 to 8");
  }

  @ParameterizedTest
  @CsvSource({
    "rnn.weight_ih_l0_reverse, [12 × 3], rnn.weight_ih_l0",
    "rnn.weight_hh_l1_reverse, [12 × 4], rnn.weight_hh_l1",
    "rnn.bias_ih_l0_reverse, [12], rnn.bias_ih_l0",
    "rnn.bias_hh_l1_reverse, [12], rnn.bias_hh_l1"
  })
  void reportsAMissingTensorOfTheBackwardCell(String name, String shape, String forward)
      throws IOException {
    assertThat(rejected(gru(name), "{}"))
        .isEqualTo(
            "model.safetensors: tensor '%s': missing: expected %s, the shape of %s"
                .formatted(name, shape, forward));
  }

  @Test
  void reportsATensorOfTheBackwardCellWithAnotherShape() throws IOException {
    String name = "rnn.weight_ih_l1_reverse";
    assertThat(rejected(gru(name).zeros(name, 12, 4), "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_ih_l1_reverse': expected [12 × 8], the shape of"
                + " rnn.weight_ih_l1, found [12 × 4]");
  }

  @Test
  void reportsATensorOfOnlyTheBackwardCell() throws IOException {
    assertThat(rejected(gru("rnn.bias_ih_l1", "rnn.bias_hh_l1"), "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.bias_ih_l1_reverse': expected also tensor"
                + " 'rnn.bias_ih_l1', of the other direction");
    assertThat(rejected(gru().zeros("rnn.weight_hr_l0_reverse", 4, 4), "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_hr_l0_reverse': expected also tensor"
                + " 'rnn.weight_hr_l0', of the other direction");
  }

  @Test
  void anUpperLayerTakesBothOutputs() throws IOException {
    String above = "rnn.weight_ih_l1";
    assertThat(rejected(gru(above).zeros(above, 12, 4), "{}"))
        .startsWith("model.safetensors: tensor 'rnn.weight_ih_l1_reverse': expected [12 × 4]");
    SafeTensorsFile four = gru(above, above + "_reverse");
    assertThat(rejected(four.zeros(above, 12, 4).zeros(above + "_reverse", 12, 4), "{}"))
        .isEqualTo(
            "model.safetensors: tensor 'rnn.weight_ih_l1': expected [12 × 8], found [12 × 4]");
  }

  @Test
  void rejectsALearnedInitialState() throws IOException {
    for (String fields : List.of("", "'layers': ['rnn', 'fc'], ")) {
      assertThat(
              rejected(gru().zeros("rnn.h0", 4, 1, 4), "{" + fields + "'initial_state': 'rnn.h0'}"))
          .isEqualTo(
              "config.json: initial_state: expected zeros for a network with bidirectional layers,"
                  + " because their backward cells begin at zero");
    }
    assertThat(directory(gru(), "{'initial_state': 'zeros'}").load().hiddenSize()).isEqualTo(8);
  }

  @Test
  void readIsOnlyForBidirectionalLayers() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 12, 3)
            .zeros("rnn.weight_hh_l0", 12, 4)
            .zeros("fc.weight", 2, 4);
    for (String read : List.of("each", "final")) {
      assertThat(rejected(tensors, "{'output': {'read': '" + read + "'}}"))
          .isEqualTo("config.json: output.read: expected only " + READ);
    }
    assertThat(rejected(gru(), "{'output': {'read': 'last'}}"))
        .isEqualTo("config.json: output.read: expected each or final, found 'last'");
  }

  @Test
  void readIsOnlyForAStateDict() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(directory)
            .config("{'output': {'read': 'final'}}")
            .write("model.keras", "any");
    assertThat(InvalidFile.message(model::load).replace(directory + "/", ""))
        .isEqualTo(
            "config.json: output.read: expected only for a state_dict "
                + READ
                + "; found the weights in model.keras");
  }

  @Test
  void theEndsAreReadFromTheLastRecurrentLayer() throws IOException {
    SafeTensorsFile tensors =
        gru("fc.weight")
            .zeros("above.weight_ih_l0", 16, 8)
            .zeros("above.weight_hh_l0", 16, 4)
            .zeros("fc.weight", 2, 4);
    assertThat(rejected(tensors, "{'output': {'read': 'final'}, 'recurrent': ['rnn', 'above']}"))
        .isEqualTo(
            "config.json: output.read: final: expected a bidirectional layer as the last recurrent"
                + " layer, found lstm");
  }

  @Test
  void rejectsABidirectionalLayerInAResidualConnection() throws IOException {
    SafeTensorsFile tensors = gru("fc.weight").zeros("in.weight", 8, 3).zeros("fc.weight", 3, 8);
    assertThat(rejected(tensors, "{'layers': ['in', {'residual': ['fc', 'rnn']}, 'fc']}"))
        .isEqualTo(
            "config.json: layers[1]: expected layers of one direction in a residual connection,"
                + " found bidirectional gru");
  }
}
