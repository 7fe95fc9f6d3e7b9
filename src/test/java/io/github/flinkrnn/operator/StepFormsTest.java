package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Step graphs with several inputs, constants, states of all types, several heads and data in other
 * files against ONNX Runtime in Python, from records to predictions and rejections. {@code
 * src/test/python/onnx_form_cases.py} wrote the cases.
 */
class StepFormsTest {
  private static final RecordCases CASES = new RecordCases("src/test/resources/onnx-steps");

  static List<String> names() throws IOException {
    return CASES.names();
  }

  @Test
  void thereAreCases() throws IOException {
    assertThat(names())
        .containsExactly(
            "all-types", "decay", "previous-word", "vad-16k", "vad-8k", "vad-h", "vad-h0");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithOnnxRuntimeAtEveryStep(String name) throws Exception {
    CASES.assertAgrees(name);
  }

  private static List<Part> parts(String name) throws IOException {
    try (RnnModel model = RnnModel.load(CASES.model(name))) {
      return model.parts();
    }
  }

  @Test
  void theRoleOfEachTensorIsDescribed() throws IOException {
    assertThat(parts("decay"))
        .containsExactly(
            new Part("input", "'x' from f1, f0"),
            new Part("input", "'delta' from gap"),
            new Part("constant", "'sr', int64: 2"),
            new Part("state", "'h' from 'h_out', 4 floats"),
            new Part("state", "'c' from 'c_out', 4 floats"),
            new Part("state", "'n' from 'n_out', 1 int64"),
            new Part("hidden", "the last layer of 'h'"),
            new Part("output", "class: 'a'"),
            new Part("output", "left: 'b'"));
    assertThat(parts("all-types"))
        .containsExactly(
            new Part("input", "'x' from probe, double"),
            new Part("input", "'ids' from kind, step, int32"),
            new Part("input", "'flag' from online, bool"),
            new Part("input", "'count' from seen, int64"),
            new Part("constant", "'mask', float [3]: 1, 0.5, 0.25"),
            new Part("constant", "'eps', double: 0.125"),
            new Part("constant", "'on', bool: true"),
            new Part("constant", "'k', int32 [1]: -3"),
            new Part("state", "'d' from 'd_out', 3 double"),
            new Part("state", "'i' from 'i_out', 2 int32"),
            new Part("state", "'f' from 'f_out', 2 bool"),
            new Part("state", "'b' from 'b_out', 3 int64"),
            new Part("output", "y: 'y'"),
            new Part("output", "z: 'z'"),
            new Part("output", "w: 'w'"),
            new Part("output", "v: 'v'"));
    assertThat(parts("previous-word"))
        .contains(
            new Part("input", "'word'"), new Part("state", "'prev' from 'prev_out', 1 int64"));
  }
}
