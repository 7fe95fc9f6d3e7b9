package io.github.flinkrnn.formats.keras;

import static io.github.flinkrnn.formats.keras.SmallArchitecture.DENSE;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.files;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.layer;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.rejected;
import static io.github.flinkrnn.formats.keras.SmallArchitecture.sequential;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.LookAheadCase;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bidirectional layers give what Keras computes for whole sequences, and what {@code
 * src/test/python/look_ahead.py} computes if each layer looks only some tokens ahead. {@code
 * keras_bidirectional_cases.py} wrote the cases.
 */
class BidirectionalModelTest {
  static List<String> names() throws IOException {
    return Stream.of(
            LookAheadCase.names("model.keras"),
            LookAheadCase.names("model.h5"),
            LookAheadCase.names("model.weights.h5"))
        .flatMap(List::stream)
        .sorted()
        .toList();
  }

  @Test
  void thereAreCases() throws IOException {
    assertThat(names())
        .containsExactly(
            "keras-cells-h5",
            "keras-explicit-backward",
            "keras-final-backward",
            "keras-final-mul-h5",
            "keras-final-words",
            "keras-gru-sum-mul",
            "keras-last-step",
            "keras-layout-2",
            "keras-lstm",
            "keras-nested-heads-h5",
            "keras-rnn-ave-words-h5",
            "keras-weights");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithKerasAndWithTheReference(String name) throws IOException {
    LookAheadCase of = LookAheadCase.of(name);
    assertThat(of.looks()).hasSize(name.startsWith("keras-final") ? 1 : 5).endsWith("end");
    for (String look : of.looks()) {
      of.assertAgrees(look);
    }
  }

  @Test
  void describesBothCellsOfALayer() throws IOException {
    RnnModel model = LookAheadCase.of("keras-explicit-backward").model();
    assertThat(model.cellTypes())
        .containsExactly("gru, 3 to 4", "bidirectional lstm, 4 to 8", "lstm, 8 to 3");
    assertThat(model.parts().get(1).source())
        .isEqualTo(
            "layers/bidirectional/forward_layer/cell/vars/0 [4 × 16],"
                + " layers/bidirectional/forward_layer/cell/vars/1 [4 × 16],"
                + " layers/bidirectional/forward_layer/cell/vars/2 [16],"
                + " layers/bidirectional/backward_layer/cell/vars/0 [4 × 16],"
                + " layers/bidirectional/backward_layer/cell/vars/1 [4 × 16],"
                + " layers/bidirectional/backward_layer/cell/vars/2 [16], tanh and sigmoid, backward"
                + " relu and sigmoid");
    assertThat(LookAheadCase.of("keras-final-backward").model().cellTypes())
        .containsExactly("rnn (tanh), 3 to 3", "backward lstm, of the whole sequence, 3 to 4");
  }

  /** Padding is not read by a cell, so that the other tokens have the outputs without it. */
  @Test
  void skipsWordZeroOfAMaskedEmbedding() throws IOException {
    LookAheadCase of = LookAheadCase.of("keras-rnn-ave-words-h5");
    assertThat(of.outputsOf("end", "Teddy", "<pad>", "Roosevelt", "<pad>"))
        .extracting(output -> Float.isNaN(output[0]))
        .containsExactly(false, true, false, true);
    List<float[]> without = of.outputsOf("end", "Teddy", "Roosevelt");
    List<float[]> with = of.outputsOf("end", "Teddy", "<pad>", "Roosevelt", "<pad>");
    assertThat(with.get(0)).containsExactly(without.get(0));
    assertThat(with.get(2)).containsExactly(without.get(1));
  }

  private static final String GRU =
      "'layer': {'class_name': 'GRU', 'config': {'name': 'g', 'units': 6, 'return_sequences': true,"
          + " 'activation': 'tanh', 'recurrent_activation': 'sigmoid'}}";

  private static final String CONCAT = ", 'merge_mode': 'concat', " + GRU;

  private static String refused(String... layers) throws IOException {
    return rejected(files(sequential(layers))).replace("m/model.keras: config.json: ", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "null; `None, which gives two outputs; train with merge_mode='concat'`",
        "'max'; `\"max\"`"
      })
  void rejectsAnotherMergeMode(String mode, String found) throws IOException {
    assertThat(refused(layer("Bidirectional", ", 'merge_mode': " + mode + ", " + GRU), DENSE))
        .isEqualTo(
            "layer 'x' (Bidirectional).merge_mode: expected concat, sum, mul or ave, found "
                + found);
  }

  @Test
  void rejectsCellsThatReadInTheWrongDirection() throws IOException {
    String turned = CONCAT.replace("'units'", "'go_backwards': true, 'units'");
    assertThat(refused(layer("Bidirectional", turned), DENSE))
        .isEqualTo("layer 'x' (Bidirectional).go_backwards: expected false in layer, found true");
    String same = CONCAT + ", " + GRU.replace("'layer'", "'backward_layer'");
    assertThat(
            refused(
                layer("Bidirectional", same.replace("'units'", "'go_backwards': false, 'units'")),
                DENSE))
        .isEqualTo(
            "layer 'x' (Bidirectional).go_backwards: expected true in backward_layer, found false");
  }

  @Test
  void rejectsABackwardLayerThatReturnsItsStepsInReverseOrder() throws IOException {
    String options = ", 'go_backwards': true, 'return_sequences': true, 'units': 6";
    assertThat(refused(layer("SimpleRNN", options + ", 'activation': 'tanh'"), DENSE))
        .isEqualTo(
            "layer 'x' (SimpleRNN).go_backwards: expected false with return_sequences, because Keras"
                + " returns these steps in reverse order; train with a Bidirectional layer, which"
                + " turns them round");
  }

  @Test
  void rejectsOtherLayersInside() throws IOException {
    assertThat(refused(layer("Bidirectional", CONCAT.replace("GRU", "Dense")), DENSE))
        .isEqualTo("layer 'x' (Bidirectional): expected SimpleRNN, GRU, LSTM or RNN, found Dense");
    String cell =
        "{'class_name': 'GRUCell', 'config': {'units': 6, 'activation': 'tanh',"
            + " 'recurrent_activation': 'sigmoid'}}";
    String stacked =
        CONCAT
            .replace("'GRU'", "'RNN'")
            .replace(
                "'units'",
                "'cell': {'class_name': 'StackedRNNCells', 'config': {'cells': ["
                    + cell
                    + ", "
                    + cell
                    + "]}}, 'units'");
    assertThat(refused(layer("Bidirectional", stacked), DENSE))
        .isEqualTo(
            "layer 'x' (Bidirectional).cell: expected one cell in a layer that reads backward, found"
                + " 2; use a Bidirectional layer for each");
    assertThat(
            refused(
                layer("TimeDistributed", ", 'layer': " + layer("Bidirectional", CONCAT)), DENSE))
        .isEqualTo(
            "layer 'x' (TimeDistributed): expected a layer that takes one token, such as Dense, found"
                + " Bidirectional, which would take a sequence of its own at each token");
  }

  @Test
  void rejectsWhatNeedsASequenceAboveTheEnds() throws IOException {
    String ends = CONCAT.replace("'return_sequences': true", "'return_sequences': false");
    assertThat(refused(layer("Bidirectional", ends), layer("LSTM", "y", ", 'units': 2"), DENSE))
        .startsWith("layer 'y' (LSTM): expected a sequence, found only the last step of one");
  }
}
