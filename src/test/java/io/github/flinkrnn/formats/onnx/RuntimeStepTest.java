package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Step graphs in ONNX Runtime: the role of each tensor, and the result of a step. */
class RuntimeStepTest {
  @TempDir private Path directory;
  private ModelDirectory model;

  @BeforeEach
  void emptyConfig() throws IOException {
    model = ModelDirectory.in(directory.resolve("model"));
  }

  private RnnModel load(OnnxBytes graph) throws IOException {
    Files.write(model.path("model.onnx"), OnnxBytes.model(graph).bytes());
    return model.load();
  }

  @Test
  void carriesTheStateFromStepToStep() throws IOException {
    try (RnnModel softsign = load(SmallSteps.softsign());
        RnnStepper stepper = softsign.stepper()) {
      float[] first = new float[2];
      stepper.step(new float[] {1, -3}, softsign.initialState(), first);
      assertThat(first).containsExactly(0.5f, -0.75f); // z / (1 + |z|)
      assertThat(stepper.logits(first)).containsExactly(0, -1.25f);
      float[] second = new float[2];
      stepper.step(new float[] {0.5f, -0.25f}, first, second);
      assertThat(second).containsExactly(0.5f, -0.5f);
      assertThat(stepper.hidden(second)).containsExactly(second);
      assertThat(stepper.prediction(stepper.logits(second))).containsExactly(0, -1);
      assertThatThrownBy(() -> stepper.logits(first))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a step graph has only the output of its last step");
    }
  }

  @Test
  void reportsTheRoleOfEachTensor() throws IOException {
    try (RnnModel softsign = load(SmallSteps.softsign())) {
      assertThat(softsign.parts())
          .containsExactly(
              new Part("input", "'x'"),
              new Part("state", "'h' from 'h_out', 2 floats"),
              new Part("hidden", "the last layer of 'h'"),
              new Part("output", "'y'"));
      assertThat(softsign.cellTypes()).containsExactly("a step graph of ONNX: Add, Softsign, Sub");
      assertThat(softsign.kernel()).isEqualTo("onnxruntime-1.29.0");
      assertThat(softsign.multiplyAdds()).isZero();
    }
  }

  @Test
  void startsFromTheInitialStateOfTheConfig() throws IOException {
    model.config("{'initial_state': {'h': [0.5, -1]}}");
    try (RnnModel softsign = load(SmallSteps.softsign())) {
      assertThat(softsign.initialState()).containsExactly(0.5f, -1);
    }
  }

  @Test
  void usesAStateAsTheOutputIfAsked() throws IOException {
    model.config("{'output': {'tensor': 'h_out'}}");
    try (RnnModel softsign = load(SmallSteps.softsign());
        RnnStepper stepper = softsign.stepper()) {
      float[] next = new float[2];
      stepper.step(new float[] {1, 3}, softsign.initialState(), next);
      assertThat(stepper.logits(next)).containsExactly(0.5f, 0.75f);
    }
  }

  @Test
  void givesTheHiddenStateThatTheConfigNames() throws IOException {
    GoldenCase golden = GoldenCase.of("onnx", "step-coupled-lstm");
    copy(golden, "'output': {'hidden': 'c'}");
    try (RnnModel lstm = model.load();
        RnnStepper stepper = lstm.stepper()) {
      float[] state = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
      assertThat(stepper.hidden(state)).containsExactly(6, 7, 8, 9, 10);
    }
  }

  /** A graph that ONNX Runtime and the built-in cells can both compute. */
  @Test
  void agreesWithTheBuiltInCells() throws IOException {
    GoldenCase golden = GoldenCase.of("onnx", "step-plain-lstm");
    copy(golden, "'state': {'h0': 'hn', 'c0': 'cn'}");
    try (RnnModel builtIn = golden.model();
        RnnModel runtime = model.load();
        RnnStepper ours = builtIn.stepper();
        RnnStepper theirs = runtime.stepper()) {
      assertThat(builtIn.kernel()).doesNotContain("onnxruntime");
      assertThat(runtime.kernel()).contains("onnxruntime");
      Random random = new Random(24);
      float[] state = builtIn.initialState();
      float[] other = runtime.initialState();
      for (int t = 1; t <= 300; t++) {
        float[] x = {random.nextFloat() * 4 - 2, random.nextFloat(), -random.nextFloat()};
        float[] next = new float[16];
        float[] otherNext = new float[16];
        ours.step(x, state, next);
        theirs.step(x, other, otherNext);
        assertThat(theirs.hidden(otherNext))
            .as("t=%d", t)
            .containsExactly(ours.hidden(next), within(GoldenCase.TOLERANCE));
        assertThat(theirs.prediction(theirs.logits(otherNext)))
            .containsExactly(ours.prediction(ours.logits(next)), within(GoldenCase.TOLERANCE));
        state = next;
        other = otherNext;
      }
    }
  }

  private void copy(GoldenCase golden, String config) throws IOException {
    for (String file : new String[] {"model.onnx", "vocab.txt"}) {
      Path path = golden.modelDirectory().resolve(file);
      if (Files.exists(path)) {
        Files.copy(path, model.path(file));
      }
    }
    String state =
        golden.modelDirectory().toString().contains("coupled")
            ? "'state': {'c': 'second', 'h': 'first'}, "
            : "";
    model.config("{" + state + config + "}");
  }

  @Test
  void anotherGraphOrAnotherInitialStateHasAnotherFingerprint() throws IOException {
    long softsign;
    try (RnnModel loaded = load(SmallSteps.softsign())) {
      softsign = loaded.fingerprint();
    }
    try (RnnModel again = load(SmallSteps.softsign())) {
      assertThat(again.fingerprint()).isEqualTo(softsign);
    }
    try (RnnModel other = load(SmallSteps.softsign().text(2, "another name"))) {
      assertThat(other.fingerprint()).isNotEqualTo(softsign);
    }
    model.config("{'initial_state': {'h': [0, 1]}}");
    try (RnnModel other = load(SmallSteps.softsign())) {
      assertThat(other.fingerprint()).isNotEqualTo(softsign);
    }
  }

  @Test
  void aClosedModelTakesNoSteps() throws IOException {
    RnnModel softsign = load(SmallSteps.softsign());
    RnnStepper stepper = softsign.stepper();
    stepper.close();
    softsign.close();
    assertThatThrownBy(() -> stepper.step(new float[2], new float[2], new float[2]))
        .isInstanceOf(IllegalStateException.class);
  }
}
