package io.github.flinkrnn.formats.onnx;

import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Steps through a sequence graph that torch.onnx.export wrote give the values of PyTorch for each
 * token.
 */
class OnnxCaseTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "rnn-tanh",
        "rnn-relu-no-bias",
        "rnn-log-softmax",
        "rnn-sigmoid-layout-1-double",
        "gru",
        "gru-reset-before",
        "gru-last-step-deep-head",
        "gru-learned-state",
        "gru-state-in-and-out",
        "lstm-2-layers",
        "lstm-2-layers-static",
        "lstm-words",
        "lstm-one-hot-not-folded",
        "step-normalized-gru",
        "step-coupled-lstm",
        "step-two-layers",
        "step-plain-lstm"
      })
  void agreesWithTheReferenceAtEveryStep(String name) throws IOException {
    GoldenCase golden = GoldenCase.of("onnx", name);
    RnnModel model = golden.model();
    RnnStepper stepper = model.stepper();
    Map<String, float[]> states = new HashMap<>();
    for (GoldenCase.Step step : golden.steps()) {
      float[] next = new float[model.stateSize()];
      step.take(
          model, stepper, states.computeIfAbsent(step.key(), key -> model.initialState()), next);
      states.put(step.key(), next);
      float[] logits = stepper.logits(next);
      String at = step.key() + " t=" + step.t();
      assertThat(stepper.hidden(next)).as(at).containsExactly(step.hidden(), within(TOLERANCE));
      assertThat(stepper.prediction(logits))
          .as(at)
          .containsExactly(step.prediction(), within(TOLERANCE));
      assertThat(stepper.label(logits)).as(at).isEqualTo(step.label());
    }
    assertThat(states).as("sequences").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rnn-tanh | rnn (tanh), one layer of 4, 3 features, 2 outputs, 46 parameters",
        "rnn-relu-no-bias | rnn (relu), one layer of 4, 3 features, 2 outputs, 36 parameters",
        "gru-reset-before | gru (reset before the product), one layer of 4, 3 features, 2 outputs",
        "gru-last-step-deep-head | gru, one layer of 4, 3 features, 3 outputs, 151 parameters",
        "lstm-words | lstm, one layer of 4, 8 words, embedded in 3, 3 outputs, 183 parameters",
        "lstm-one-hot-not-folded | lstm, one layer of 4, 8 words, one-hot, 3 outputs, 239 param"
      })
  void describesTheContentOfTheGraph(String name, String description) throws IOException {
    assertThat(GoldenCase.of("onnx", name).model().describe()).contains(description);
  }

  @Test
  void reportsTheTensorOfEachPart() throws IOException {
    assertThat(GoldenCase.of("onnx", "gru-state-in-and-out").model().parts())
        .extracting(Part::name)
        .containsExactly("layer 1", "initial state 1", "head 1");
    assertThat(GoldenCase.of("onnx", "lstm-words").model().parts())
        .filteredOn(part -> !part.name().equals("layer 1"))
        .containsExactly(
            new Part("embedding", "embedding.weight [8 × 3]"),
            new Part(
                "head 1",
                "node '/head/head.0/MatMul' (MatMul): onnx::MatMul_113 [4 × 3], head.0.bias [3]"),
            new Part("output", "node '/Softmax' (Softmax)"));
  }
}
