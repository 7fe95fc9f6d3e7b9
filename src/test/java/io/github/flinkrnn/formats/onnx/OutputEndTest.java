package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.OutputActivation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A softmax or a sigmoid at the end of a graph is applied once, even if config.json also names it.
 */
class OutputEndTest {
  private static final int FLOAT = 1;

  @TempDir private Path path;
  private ModelDirectory model;

  @BeforeEach
  void noConfig() throws IOException {
    model = ModelDirectory.in(path);
    Files.delete(model.path("config.json"));
  }

  private void say(String activation) throws IOException {
    model.config("{'output': {'activation': '" + activation + "'}}");
  }

  private void write(byte[] graph) throws IOException {
    Files.write(model.path("model.onnx"), graph);
  }

  private void expectRefusal(String said, String end) throws IOException {
    say(said);
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("config.json")
                + ": output.activation: expected "
                + end
                + " (applied once) or no such field, because "
                + model.path("model.onnx")
                + " ends in "
                + end
                + ", found "
                + said);
  }

  @ParameterizedTest
  @CsvSource({"Softmax, softmax, sigmoid", "Sigmoid, sigmoid, softmax"})
  void ofASequenceGraph(String op, String end, String other) throws IOException {
    write(SmallGraph.of("GRU").node(OnnxBytes.node(op, "", List.of("y"), "p")).output("p").bytes());
    float[] logits = {1, 2};
    OutputActivation g = op.equals("Softmax") ? OutputActivation.SOFTMAX : OutputActivation.SIGMOID;
    assertThat(model.load().stepper().prediction(logits)).containsExactly(g.apply(logits));
    say(end);
    assertThat(model.load().stepper().prediction(logits)).containsExactly(g.apply(logits));
    expectRefusal(other, end);
    expectRefusal("identity", end);
  }

  @ParameterizedTest
  @ValueSource(strings = {"softmax", "sigmoid", "identity"})
  void ofASequenceGraphThatGivesLogits(String said) throws IOException {
    write(SmallGraph.of("GRU").bytes());
    assertThat(model.load().activationName()).isEqualTo("identity");
    say(said);
    assertThat(model.load().activationName()).isEqualTo(said);
  }

  /**
   * y = g(h_out), with changes of shape after it, in a step graph that no built-in cell computes.
   */
  private static byte[] step(String op) {
    return OnnxBytes.model(
            new OnnxBytes()
                .node(OnnxBytes.node("Add", "sum", List.of("x", "h"), "z"))
                .node(OnnxBytes.node("Softsign", "g", List.of("z"), "h_out"))
                .node(OnnxBytes.node(op, "", List.of("h_out"), "p"))
                .node(OnnxBytes.node("Identity", "", List.of("p"), "y"))
                .input("x", FLOAT, -1, 2)
                .input("h", FLOAT, -1, 2)
                .output("y", FLOAT, -1, 2)
                .output("h_out", FLOAT, -1, 2))
        .bytes();
  }

  private static float[] prediction(RnnModel model) {
    try (RnnModel open = model;
        RnnStepper stepper = open.stepper()) {
      float[] next = new float[2];
      stepper.step(new float[] {1, 3}, open.initialState(), next);
      return stepper.prediction(stepper.logits(next));
    }
  }

  @ParameterizedTest
  @CsvSource({"Softmax, softmax, sigmoid", "Sigmoid, sigmoid, softmax"})
  void ofAStepGraph(String op, String end, String other) throws IOException {
    write(step(op));
    float[] a = {0.5f, 0.75f};
    float[] once =
        (op.equals("Softmax") ? OutputActivation.SOFTMAX : OutputActivation.SIGMOID).apply(a);
    try (RnnModel unsaid = model.load()) {
      assertThat(unsaid.activationName()).isEqualTo(end + " (in the graph)");
    }
    float[] given = prediction(model.load());
    assertThat(given).containsExactly(once, within(1e-6f));
    say(end);
    assertThat(prediction(model.load())).containsExactly(given);
    expectRefusal(other, end);
    expectRefusal("identity", end);
  }

  @Test
  void ofAStepGraphThatGivesLogits() throws IOException {
    write(step("Identity"));
    assertThat(prediction(model.load())).containsExactly(0.5f, 0.75f);
    say("sigmoid");
    assertThat(prediction(model.load()))
        .containsExactly(OutputActivation.SIGMOID.apply(new float[] {0.5f, 0.75f}));
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "1, 0", "6, 6"})
  void knowsTheStepsThatTheGraphFixes(long time, int steps) throws IOException {
    write(SmallGraph.ofSteps(time).bytes());
    assertThat(model.load().fixedSteps()).isEqualTo(steps);
  }
}
