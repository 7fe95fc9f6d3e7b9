package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that were exported for one step at a time, or that were shortened without an effect. */
class StepGraphTest {
  @TempDir private Path directory;

  private RnnModel load(SmallGraph graph) throws IOException {
    ModelDirectory model = ModelDirectory.in(directory);
    Files.write(model.path("model.onnx"), graph.bytes());
    return model.load();
  }

  // x [batch × 3] and h are inputs, y and h are outputs. The caller passes the state from step to
  // step.
  @Test
  void readsOneStepThatTakesItsState() throws IOException {
    OnnxBytes cell =
        OnnxBytes.node("RNN", "cell", List.of("xt", "W", "R", "B", "", "h0"), "Y", "last");
    RnnModel model =
        load(
            SmallGraph.of("RNN", cell)
                .first(OnnxBytes.node("Unsqueeze", "", List.of("step", "axes"), "xt"))
                .input("step", 1, -1, 3)
                .input("h0", 1, 1, -1, 2));
    assertThat(model.parts())
        .contains(new Part("initial state 1", "zeros instead of graph input 'h0'"));
    float[] next = new float[2];
    model.stepper().step(new float[] {1, 1, 1}, model.initialState(), next);
    // tanh(0.5 · 3 + 0.5 + 0.5)
    float a = (float) StrictMath.tanh(2.5);
    assertThat(next).containsExactly(a, a);
    assertThat(model.stepper().logits(next)).containsExactly(a, a);
  }

  @Test
  void readsTheHiddenStateItselfAsTheOutput() throws IOException {
    RnnModel model = load(SmallGraph.of("GRU").without(4).output("h").withoutLastNode());
    float[] state = {0.25f, -0.5f};
    assertThat(model.stepper().logits(state)).containsExactly(state);
    assertThat(model.stepper().prediction(state)).containsExactly(state);
  }

  @Test
  void usesASigmoidAtTheEndAsTheOutputActivation() throws IOException {
    RnnModel model =
        load(
            SmallGraph.of("LSTM")
                .node(OnnxBytes.node("Sigmoid", "", List.of("y"), "p"))
                .output("p"));
    float[] logits = model.stepper().logits(new float[] {1, 1, 0, 0});
    assertThat(logits).containsExactly(1, 1);
    assertThat(model.stepper().prediction(logits))
        .containsExactly(OutputActivation.SIGMOID.apply(logits));
  }
}
