package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.LookAheadCase;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bidirectional modules of a state_dict give what PyTorch computes for whole sequences, and what
 * {@code src/test/python/look_ahead.py} computes if each layer looks only some tokens ahead. {@code
 * bidirectional_cases.py} wrote the cases.
 */
class BidirectionalStateDictTest {
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
}
