package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.LookAheadCase;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bidirectional and reverse nodes give what PyTorch computes for whole sequences, and what {@code
 * src/test/python/look_ahead.py} computes if each layer looks only some tokens ahead. {@code
 * onnx_bidirectional_cases.py} wrote the cases.
 */
class BidirectionalNodeTest {
  static List<String> names() throws IOException {
    return LookAheadCase.names("model.onnx");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAndWithTheReference(String name) throws IOException {
    LookAheadCase of = LookAheadCase.of(name);
    assertThat(of.looks()).hasSize(name.contains("-final") ? 1 : 5).endsWith("end");
    for (String look : of.looks()) {
      of.assertAgrees(look);
    }
  }
}
