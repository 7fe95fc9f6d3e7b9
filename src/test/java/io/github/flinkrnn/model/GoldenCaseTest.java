package io.github.flinkrnn.model;

import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.EjmlKernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.OutputActivation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The model computes the same as PyTorch and the numpy code of the course. */
class GoldenCaseTest {
  @ParameterizedTest
  @MethodSource("io.github.flinkrnn.model.GoldenCase#names")
  void agreesWithTheReferenceAtEveryStep(String name) throws IOException {
    GoldenCase golden = GoldenCase.of(name);
    assertAgreement(golden.model(), golden.steps(), new HashMap<>());
  }

  @Test
  void startsFromAnyHiddenState() throws IOException {
    GoldenCase golden = GoldenCase.of("course-rnn");
    Map<String, float[]> states = new HashMap<>();
    JsonNode a0 = golden.json("initial-state.json").get("a0");
    for (int example = 0; example < a0.size(); example++) {
      states.put("k" + example, GoldenCase.vector(a0.get(example)));
    }
    assertThat(states).hasSize(10);
    assertAgreement(golden.model(), golden.steps("expected-from-a0.jsonl"), states);
  }

  // Keys are interleaved. Each has its own state, and all share one stepper, as in an operator.
  static void assertAgreement(
      RnnModel model, List<GoldenCase.Step> steps, Map<String, float[]> states) {
    RnnStepper stepper = model.stepper();
    Map<String, Integer> t = new HashMap<>();
    for (GoldenCase.Step step : steps) {
      float[] previous = states.computeIfAbsent(step.key(), key -> model.initialState());
      float[] next = new float[model.stateSize()];
      step.take(model, stepper, previous, next);
      states.put(step.key(), next);
      float[] logits = stepper.logits(next);

      String at = step.key() + " t=" + step.t();
      assertThat(t.merge(step.key(), 1, Integer::sum)).as(at).isEqualTo(step.t());
      assertThat(stepper.hidden(next)).as(at).containsExactly(step.hidden(), within(TOLERANCE));
      assertThat(stepper.prediction(logits))
          .as(at)
          .containsExactly(step.prediction(), within(TOLERANCE));
      assertThat(stepper.label(logits)).as(at).isEqualTo(step.label());
    }
    assertThat(t).as("sequences").hasSizeGreaterThan(1);
  }

  /**
   * {@code rnn_cell_forward}: only the cell and the head, column by column as in the assignment.
   */
  @Test
  void oneCellGivesThePublishedActivationsOfTheCourse() {
    JsonNode cell = GoldenCase.of("course-rnn").json("cell.json");
    FMatrixRMaj aPrevious = GoldenCase.matrix(cell.get("a_prev"));
    FMatrixRMaj xt = GoldenCase.matrix(cell.get("xt"));
    FMatrixRMaj aNext = GoldenCase.matrix(cell.get("a_next"));
    FMatrixRMaj yt = GoldenCase.matrix(cell.get("yt_pred"));
    EjmlKernel kernel = new EjmlKernel();
    Layer elman =
        new ElmanCell(
            Activation.TANH,
            GoldenCase.matrix(cell.get("Waa")),
            GoldenCase.matrix(cell.get("Wax")),
            GoldenCase.vector(cell.get("ba")),
            kernel);
    Affine head =
        kernel.affine(GoldenCase.matrix(cell.get("Wya")), GoldenCase.vector(cell.get("by")));
    assertThat(xt.numCols).isEqualTo(10);
    Layer.Stepper stepper = elman.stepper();
    for (int example = 0; example < xt.numCols; example++) {
      float[] a = new float[5];
      stepper.step(column(xt, example), 0, column(aPrevious, example), a, 0);
      float[] logits = new float[2];
      head.apply(a, logits);
      assertThat(a).containsExactly(column(aNext, example), within(TOLERANCE));
      assertThat(OutputActivation.SOFTMAX.apply(logits))
          .containsExactly(column(yt, example), within(TOLERANCE));
    }
  }

  private static float[] column(FMatrixRMaj matrix, int column) {
    float[] vector = new float[matrix.numRows];
    for (int row = 0; row < vector.length; row++) {
      vector[row] = matrix.get(row, column);
    }
    return vector;
  }
}
