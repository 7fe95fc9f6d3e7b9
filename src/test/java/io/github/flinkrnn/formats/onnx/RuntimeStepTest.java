package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /**
   * What stands between the input of a state and the layer that takes it does not matter. Each
   * graph computes h_out = Softsign(x + h).
   */
  @ParameterizedTest
  @CsvSource({
    "Identity, 1, 1x2, false",
    "Cast, 11, 1x2, false",
    "Squeeze, 1, 1x1x2, true",
    "Gather, 1, 1x1x2, true",
    "Slice, 1, 1x2, false"
  })
  void statesArePairedByNameWhateverTakesThem(String op, int type, String shape, boolean isDeeper)
      throws IOException {
    long[] sizes = Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray();
    OnnxBytes first =
        switch (op) {
          case "Cast" -> OnnxBytes.node(op, "", List.of("h"), "v").attribute("to", 1);
          case "Squeeze" -> OnnxBytes.node(op, "", List.of("h", "zero"), "v");
          case "Gather" -> OnnxBytes.node(op, "", List.of("h", "at"), "v").attribute("axis", 0);
          case "Slice" -> OnnxBytes.node(op, "", List.of("h", "zero", "end"), "v");
          default -> OnnxBytes.node(op, "", List.of("h"), "v");
        };
    OnnxBytes last =
        isDeeper
            ? OnnxBytes.node("Unsqueeze", "", List.of("g", "zero"), "h_out")
            : OnnxBytes.node("Cast", "", List.of("g"), "h_out").attribute("to", type);
    OnnxBytes graph =
        new OnnxBytes()
            .node(first)
            .node(OnnxBytes.node("Add", "", List.of("x", "v"), "z"))
            .node(OnnxBytes.node("Softsign", "", List.of("z"), "g"))
            .node(OnnxBytes.node("Identity", "", List.of("g"), "y"))
            .node(last)
            .initializer(OnnxBytes.integers("zero", 0))
            .initializer(OnnxBytes.integers("end", 9))
            .initializer(new OnnxBytes().integer(2, 7).integer(7, 0).text(8, "at"))
            .input("x", 1, 1, 2)
            .input("h", type, sizes)
            .output("y", 1, 1, 2)
            .output("h_out", type, sizes);
    try (RnnModel loaded = load(graph);
        RnnStepper stepper = loaded.stepper()) {
      float[] state = loaded.initialState();
      float[] next = state.clone();
      stepper.step(new float[] {1, 3}, state, next);
      assertThat(stepper.logits(next)).containsExactly(0.5f, 0.75f);
      stepper.step(new float[] {0.5f, 0.25f}, next, state);
      assertThat(stepper.logits(state)).containsExactly(0.5f, 0.5f);
    }
  }

  /** The built-in layers take only a table of words × numbers, and say so. */
  @Test
  void aRuleOfTheBuiltInLayersDoesNotRefuseAStepGraph() throws IOException {
    model.vocabulary("a", "b", "c");
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Gather", "", List.of("E", "word"), "e"))
            .node(OnnxBytes.node("Squeeze", "", List.of("e", "zero"), "x"))
            .node(OnnxBytes.node("Add", "", List.of("x", "h"), "h_out"))
            .node(OnnxBytes.node("Identity", "", List.of("h_out"), "y"))
            .initializer(OnnxBytes.halves("E", 3, 1, 2))
            .initializer(OnnxBytes.integers("zero", 0))
            .input("word", 7, 1)
            .input("h", 1, 1, 2)
            .output("y", 1, 1, 2)
            .output("h_out", 1, 1, 2);
    try (RnnModel loaded = load(graph);
        RnnStepper stepper = loaded.stepper()) {
      float[] next = new float[2];
      stepper.step(2, loaded.initialState(), next);
      assertThat(next).containsExactly(0.5f, 0.5f);
    }
  }

  /** Masks of attention and of sequences hold infinities, which no built-in layer takes. */
  @Test
  void constantsOfAStepGraphMayBeInfinite() throws IOException {
    OnnxBytes graph =
        SmallSteps.softsign()
            .node(OnnxBytes.node("Min", "", List.of("z", "most"), "unused"))
            .initializer(
                new OnnxBytes().integer(2, 1).number(4, Float.POSITIVE_INFINITY).text(8, "most"));
    try (RnnModel loaded = load(graph)) {
      assertThat(loaded.kernel()).startsWith("onnxruntime");
    }
  }

  /** The reader of records checks numbers first, but a program may not use it. */
  @Test
  void aNumberThatIsNoIntegerIsNotAccepted() throws IOException {
    model.config("{'input': {'fields': ['a', 'b']}, 'inputs': {'n': ['a'], 'f': ['b']}}");
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Cast", "", List.of("n"), "nf").attribute("to", 1))
            .node(OnnxBytes.node("Cast", "", List.of("f"), "ff").attribute("to", 1))
            .node(OnnxBytes.node("Add", "", List.of("nf", "ff"), "s"))
            .node(OnnxBytes.node("Add", "", List.of("s", "h"), "h_out"))
            .node(OnnxBytes.node("Softsign", "", List.of("h_out"), "y"))
            .input("n", 6, 1)
            .input("f", 9)
            .input("h", 1, 1)
            .output("y", 1, 1)
            .output("h_out", 1, 1);
    try (RnnModel loaded = load(graph);
        RnnStepper stepper = loaded.stepper()) {
      float[] state = {0};
      float[] next = {0};
      stepper.stepRead(new float[] {5, 1}, state, next);
      assertThat(next).containsExactly(6);
      assertThatThrownBy(() -> stepper.stepRead(new float[] {1.5f, 1}, state, next))
          .isInstanceOf(NotAcceptedException.class)
          .hasMessage("input 'n': expected an integer of type int32, found 1.5");
      assertThatThrownBy(() -> stepper.stepRead(new float[] {1e10f, 1}, state, next))
          .hasMessage("input 'n': expected an integer of type int32, found 1.0E10");
      assertThatThrownBy(() -> stepper.stepRead(new float[] {1, 2}, state, next))
          .hasMessage("input 'f': expected true or false, found 2.0");
      assertThatThrownBy(() -> stepper.logits(next)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
