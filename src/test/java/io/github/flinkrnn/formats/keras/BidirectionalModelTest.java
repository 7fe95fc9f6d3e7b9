package io.github.flinkrnn.formats.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.LookAheadCase;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
}
