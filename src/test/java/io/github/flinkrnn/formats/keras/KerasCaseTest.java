package io.github.flinkrnn.formats.keras;

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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The model computes what the formulas of Keras give. {@code src/test/python/keras_cases.py} wrote
 * the files in the layouts of Keras; Keras itself wrote none of them.
 */
class KerasCaseTest {
  private static GoldenCase keras(String name) {
    return GoldenCase.of("keras", name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simple-rnn",
        "simple-rnn-relu-no-bias",
        "gru-reset-after",
        "gru-reset-before",
        "lstm-2-layers",
        "words-lstm",
        "words-lstm-functional",
        "hard-sigmoid",
        "hard-sigmoid-keras-2",
        "dense-chain",
        "weights-lstm",
        "weights-gru-words",
        "weights-gru-reset-before",
        "weights-rnn",
        "weights-newer-hdf5"
      })
  void agreesWithTheReferenceAtEveryStep(String name) throws IOException {
    RnnModel model = keras(name).model();
    RnnStepper stepper = model.stepper();
    Map<String, float[]> states = new HashMap<>();
    for (GoldenCase.Step step : keras(name).steps()) {
      float[] previous = states.computeIfAbsent(step.key(), key -> model.initialState());
      float[] next = new float[model.stateSize()];
      step.take(model, stepper, previous, next);
      states.put(step.key(), next);
      String at = step.key() + " t=" + step.t();
      assertThat(stepper.hidden(next)).as(at).containsExactly(step.hidden(), within(TOLERANCE));
      assertThat(stepper.prediction(stepper.logits(next)))
          .as(at)
          .containsExactly(step.prediction(), within(TOLERANCE));
    }
    assertThat(states).as("sequences").hasSizeGreaterThan(1);
  }

  @Test
  void reportsTheDatasetOfEachPart() throws IOException {
    assertThat(keras("words-lstm").model().parts())
        .containsExactly(
            new Part("embedding", "layers/embedding/vars/0 [8 × 5]"),
            new Part(
                "layer 1",
                "layers/lstm/cell/vars/0 [5 × 24], layers/lstm/cell/vars/1 [6 × 24],"
                    + " layers/lstm/cell/vars/2 [24], tanh and sigmoid"),
            new Part(
                "head 1",
                "layers/time_distributed/layer/vars/0 [6 × 3],"
                    + " layers/time_distributed/layer/vars/1 [3], then softmax"));
    assertThat(keras("simple-rnn-relu-no-bias").model().parts())
        .extracting(Part::source)
        .containsExactly(
            "model_weights/simple_rnn/simple_rnn/simple_rnn_cell/kernel:0 [3 × 5],"
                + " model_weights/simple_rnn/simple_rnn/simple_rnn_cell/recurrent_kernel:0 [5 × 5],"
                + " no bias, relu",
            "model_weights/dense/dense/kernel:0 [5 × 2], no bias, then linear");
  }

  @Test
  void countsTheNumbersOfTheLayers() throws IOException {
    int lstm = 5 * 24 + 6 * 24 + 24;
    assertThat(keras("words-lstm").model().parameters()).isEqualTo(8 * 5 + lstm + 6 * 3 + 3);
    // The step of the optimizer and the seeds of Dropout are not parameters of the model.
    assertThat(keras("lstm-2-layers").model().parameters())
        .isEqualTo(5 * 24 + 6 * 24 + 24 + 6 * 16 + 4 * 16 + 4 * 3 + 3);
  }
}
