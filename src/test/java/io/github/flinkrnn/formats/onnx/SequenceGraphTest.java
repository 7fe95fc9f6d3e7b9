package io.github.flinkrnn.formats.onnx;

import static io.github.flinkrnn.formats.onnx.OnnxBytes.halves;
import static io.github.flinkrnn.formats.onnx.OnnxBytes.integers;
import static io.github.flinkrnn.formats.onnx.OnnxBytes.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.Part;
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

/** Layers anywhere in a sequence graph, several outputs, and graphs that are not a chain. */
class SequenceGraphTest {
  @TempDir private Path path;
  private ModelDirectory model;

  @BeforeEach
  void directory() throws IOException {
    model = ModelDirectory.in(path);
  }

  private RnnModel load(SmallGraph graph) throws IOException {
    Files.write(model.path("model.onnx"), graph.bytes());
    return model.load();
  }

  private String refused(SmallGraph graph) throws IOException {
    Files.write(model.path("model.onnx"), graph.bytes());
    String message = InvalidFile.message(model::load);
    String file = model.path("model.onnx") + ": ";
    return (message.startsWith(file) ? message.substring(file.length()) : message)
        .replace(StatePairs.NO_STATE, "");
  }

  private static float[][] outputs(RnnModel model, float... x) {
    try (RnnStepper stepper = model.stepper()) {
      float[] state = new float[model.stateSize()];
      stepper.step(x, model.initialState(), state);
      float[][] all = new float[model.heads().size()][];
      for (int h = 0; h < all.length; h++) {
        all[h] = new float[model.heads().get(h).size()];
      }
      stepper.logits(state, all);
      return all;
    }
  }

  // Every weight is 0.5: h = tanh(1.5 + 2 * 0.5 * 0.5) for x = [1, 1, 1], which the product below
  // makes of x = [2, 0, 0].
  @Test
  void readsALinearLayerBelowTheRecurrence() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN", node("RNN", "cell", List.of("x1", "W", "R", "B"), "Y", "last"))
            .tensor(halves("M", 3, 3))
            .first(node("MatMul", "in", List.of("x", "M"), "x1"));
    float a = (float) Math.tanh(1.5 + 1);
    try (RnnModel read = load(graph)) {
      assertThat(outputs(read, 2, 0, 0)[0]).containsExactly(new float[] {a, a}, within(1e-6f));
      assertThat(read.parts())
          .extracting(Part::name)
          .containsExactly("linear 1", "layer 1", "head 1");
    }
  }

  @Test
  void computesTheOutputsThatTheConfigNames() throws IOException {
    SmallGraph graph =
        SmallGraph.of("GRU")
            .node(node("Softmax", "p", List.of("y"), "next"))
            .node(node("Neg", "minus", List.of("y"), "left"))
            .output("next", "left", "last");
    model.config("{'outputs': [{'name': 'next'}, {'name': 'time', 'tensor': 'left'}]}");
    try (RnnModel read = load(graph)) {
      assertThat(read.heads())
          .extracting(Head::name, head -> head.activation().name())
          .containsExactly(tuple("next", "SOFTMAX"), tuple("time", "IDENTITY"));
      float[][] logits = outputs(read, 1, 2, 3);
      assertThat(logits[1][0]).isEqualTo(-logits[0][0]).isNotZero();
    }
    model.config("{'output': {'tensor': 'left'}}");
    try (RnnModel read = load(graph)) {
      assertThat(read.activationName()).isEqualTo("identity");
    }
    model.config("{'outputs': [{'name': 'next'}, {'name': 'time'}]}");
    assertThat(refused(graph))
        .isEqualTo(
            model.path("config.json")
                + ": outputs[1].tensor: missing: expected one of the outputs [next, left, last] of "
                + model.path("model.onnx"));
    model.config("{'output': {'tensor': 'right'}}");
    assertThat(refused(graph))
        .isEqualTo(
            model.path("config.json")
                + ": output.tensor: expected one of the outputs [next, left, last] of "
                + model.path("model.onnx")
                + ", found 'right'");
  }

  @Test
  void anOutputThatNoLayerComputesIsIgnoredBesideOneThatIsComputed() throws IOException {
    SmallGraph graph =
        SmallGraph.of("GRU").node(node("ArgMax", "best", List.of("y"), "id")).output("id", "y");
    load(graph).close();
    assertThat(refused(graph.output("id")))
        .isEqualTo(
            "node 'best' (ArgMax): expected an operator that a built-in layer supports, found"
                + " another");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void takesTheBranchOfAConstantCondition(int condition) throws IOException {
    OnnxBytes same = new OnnxBytes().node(node("Identity", "", List.of("y"), "b")).output("b");
    OnnxBytes minus = new OnnxBytes().node(node("Neg", "", List.of("y"), "b")).output("b");
    SmallGraph graph =
        SmallGraph.of("GRU")
            .tensor(integers("c", condition))
            .node(
                node("If", "", List.of("c"), "z")
                    .attribute("then_branch", same)
                    .attribute("else_branch", minus))
            .output("z");
    float[] plain = outputs(load(SmallGraph.of("GRU")), 1, 2, 3)[0];
    float[] taken = outputs(load(graph), 1, 2, 3)[0];
    assertThat(taken[0]).isEqualTo(condition == 1 ? plain[0] : -plain[0]).isNotZero();
  }

  /** -z and z, of a product with -1 or 1, and what a function makes of them. */
  @ParameterizedTest
  @CsvSource({
    "LeakyRelu, alpha, 0.25, 0.25, 1",
    "Elu, alpha, 2, NaN, 1",
    "Clip, min, 0, 0, 1",
    "HardSwish, '', 0, NaN, NaN",
  })
  void readsActivationsWithParameters(
      String op, String attribute, float value, float below, float above) throws IOException {
    OnnxBytes g = node(op, "g", List.of("z"), "p");
    SmallGraph graph =
        SmallGraph.of("GRU")
            .tensor(OnnxBytes.floats("signs", new float[] {-1, 1}, 2))
            .node(node("Mul", "", List.of("y", "signs"), "z"))
            .node(attribute.isEmpty() ? g : g.attribute(attribute, value))
            .output("p");
    float z = outputs(load(SmallGraph.of("GRU")), 1, 2, 3)[0][0];
    float[] y = outputs(load(graph), 1, 2, 3)[0];
    assertThat(z).isBetween(0.01f, 3f);
    float[] expected = {-z * below, z * above};
    if (op.equals("Elu")) {
      expected[0] = (float) (2 * Math.expm1(-z));
    } else if (op.equals("HardSwish")) {
      expected = new float[] {-z * (3 - z) / 6, z * (z + 3) / 6};
    }
    assertThat(y).containsExactly(expected, within(1e-6f));
  }

  @Test
  void aConditionOnTheSequenceIsRejected() throws IOException {
    OnnxBytes same = new OnnxBytes().node(node("Identity", "", List.of("y"), "b")).output("b");
    SmallGraph graph =
        SmallGraph.of("GRU")
            .node(
                node("If", "by value", List.of("y"), "z")
                    .attribute("then_branch", same)
                    .attribute("else_branch", same))
            .output("z");
    assertThat(refused(graph))
        .isEqualTo("node 'by value' (If): expected a condition that depends only on sizes");
  }

  @Test
  void aConvolutionThatReadsFutureTokensIsRejected() throws IOException {
    SmallGraph graph =
        SmallGraph.of("GRU")
            .tensor(halves("K", 4, 2, 3))
            .node(
                node("Transpose", "", List.of("Y"), "t").attribute("perm", new long[] {2, 1, 3, 0}))
            .tensor(integers("one", 1))
            .node(node("Squeeze", "", List.of("t", "one"), "channels"))
            .node(
                node("Conv", "smooth", List.of("channels", "K"), "c")
                    .attribute("pads", new long[] {1, 1}))
            .output("c");
    assertThat(refused(graph))
        .isEqualTo(
            "node 'smooth' (Conv): expected a causal convolution, found one that reads 1 future"
                + " tokens");
  }

  @Test
  void numbersThatDifferFromStepToStepAreRejected() throws IOException {
    SmallGraph graph =
        SmallGraph.ofSteps(2)
            .tensor(OnnxBytes.floats("positions", new float[] {0, 0.5f}, 2, 1, 1, 1))
            .node(node("Add", "position", List.of("Y", "positions"), "z"))
            .output("z");
    assertThat(refused(graph))
        .startsWith("node 'position' (Add): expected the same numbers for every step, found others")
        .hasLineCount(1);
  }

  // 2 h and h ∘ h, after each other, of two equal recurrences.
  @Test
  void readsLayersThatAreNoChain() throws IOException {
    SmallGraph graph =
        SmallGraph.of("GRU")
            .node(node("GRU", "second", List.of("x", "W", "R", "B"), "Y2", "last2"))
            .node(node("Add", "sum", List.of("last", "last2"), "s"))
            .node(node("Mul", "product", List.of("last", "last2"), "p"))
            .node(node("Concat", "both", List.of("s", "p"), "z").attribute("axis", 2))
            .output("z");
    model.config("{'output': {'tensor': 'Y'}}");
    float h = outputs(load(graph.output("z", "y", "Y")), 1, 2, 3)[0][0];
    model.config("{'output': {'tensor': 'z'}}");
    try (RnnModel read = load(graph)) {
      assertThat(outputs(read, 1, 2, 3)[0]).containsExactly(h + h, h + h, h * h, h * h);
      assertThat(read.stateSize()).isEqualTo(8); // the output and two states
    }
  }

  @Test
  void aSequenceBackwardsIsRejected() throws IOException {
    SmallGraph graph =
        SmallGraph.of("GRU")
            .tensor(integers("from", -1))
            .tensor(integers("to", -10_000))
            .tensor(integers("along", 0))
            .tensor(integers("back", -1))
            .node(node("Slice", "flip", List.of("Y", "from", "to", "along", "back"), "z"))
            .output("z");
    assertThat(refused(graph))
        .isEqualTo("node 'flip' (Slice): expected steps in their order, found them backwards");
  }
}
