package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A graph that no built-in cell computes is rejected with a line that names the node. No node is
 * ignored.
 */
class RefusedGraphTest {
  private static final String RUNTIME = StatePairs.NO_STATE;

  @TempDir private Path path;

  private ModelDirectory model;

  @BeforeEach
  void directory() throws IOException {
    model = ModelDirectory.in(path);
  }

  private String refused(SmallGraph graph) throws IOException {
    Files.write(model.path("model.onnx"), graph.bytes());
    String message = InvalidFile.message(model::load);
    String file = model.path("model.onnx") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  private String refusedCell(String op, OnnxBytes node) throws IOException {
    String message = refused(SmallGraph.of(op, node));
    String place = "node 'cell' (" + op + "): ";
    assertThat(message).startsWith(place);
    return message.substring(place.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RNN", "GRU", "LSTM"})
  void theGraphThatTheOtherTestsChangeIsRead(String op) throws IOException {
    Files.write(model.path("model.onnx"), SmallGraph.of(op).bytes());
    assertThat(model.load().describe()).contains("one layer of 2, 3 features, 2 outputs");
  }

  @Test
  void rejectsNodesThatTheCellsDoNotCompute() throws IOException {
    assertThat(refusedCell("LSTM", SmallGraph.recurrent("LSTM").attribute("clip", 3f)))
        .isEqualTo("expected no clip" + RUNTIME);
    assertThat(refusedCell("LSTM", SmallGraph.recurrent("LSTM").attribute("input_forget", 1)))
        .isEqualTo("expected no input_forget (coupled gates)" + RUNTIME);
    assertThat(refusedCell("LSTM", SmallGraph.recurrent("LSTM", "", "", "", "W")))
        .isEqualTo("expected no peepholes (input P)" + RUNTIME);
    assertThat(refusedCell("RNN", SmallGraph.recurrent("RNN", "axes")))
        .isEqualTo("expected no sequence_lens, because sequences have no padding" + RUNTIME);
    assertThat(
            refusedCell(
                "GRU",
                SmallGraph.recurrent("GRU").attribute("activations", List.of("Elu", "Tanh"))))
        .isEqualTo(
            "expected activation Tanh, Relu, Sigmoid, HardSigmoid or Softplus, found Elu"
                + RUNTIME);
    assertThat(refusedCell("RNN", SmallGraph.recurrent("RNN").attribute("activations", List.of())))
        .isEqualTo("expected activations of length 1, found 0");
    assertThat(
            refusedCell(
                "LSTM",
                SmallGraph.recurrent("LSTM")
                    .attribute("activations", List.of("Sigmoid", "Tanh", "Relu"))))
        .isEqualTo("expected the same activation for the cell gate and the cell state" + RUNTIME);
    assertThat(refusedCell("GRU", SmallGraph.recurrent("GRU").attribute("new_option", 1)))
        .startsWith("expected no attributes besides [activation_alpha, ")
        .endsWith("], found 'new_option'" + RUNTIME);
  }

  @Test
  void rejectsAStateThatTheGraphComputes() throws IOException {
    assertThat(refusedCell("RNN", SmallGraph.recurrent("RNN", "", "x")))
        .isEqualTo("expected zeros, a constant or a graph input as initial_h" + RUNTIME);
  }

  @Test
  void rejectsTheCellStateAsAnOutputOfTheLayer() throws IOException {
    OnnxBytes node =
        OnnxBytes.node("LSTM", "cell", List.of("x", "W", "R", "B"), "Y", "Y_h", "last");
    assertThat(refused(SmallGraph.of("LSTM", node)))
        .isEqualTo(
            "node 'fc' (Gemm): expected the output of a layer, found the cell state of node 'cell'"
                + " (LSTM)"
                + RUNTIME);
  }

  @Test
  void rejectsOtherShapes() throws IOException {
    assertThat(refused(SmallGraph.of("RNN", SmallGraph.recurrent("GRU"))))
        .isEqualTo("node 'cell' (GRU): expected W [1 × 6 × 3], found W [1 × 2 × 3]");
    assertThat(refusedCell("RNN", SmallGraph.recurrent("RNN").attribute("hidden_size", 3)))
        .isEqualTo("expected W [1 × 3 × 3], found W [1 × 2 × 3]");
  }

  @Test
  void rejectsAnUnknownOperator() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN").node(OnnxBytes.node("Erf", "act", List.of("y"), "z"));
    assertThat(refused(graph.output("z")))
        .isEqualTo(
            "node 'act' (Erf): expected an operator that a built-in layer supports, found another"
                + RUNTIME);
  }

  @Test
  void rejectsAnOperatorOfAnotherDomain() throws IOException {
    OnnxBytes node = OnnxBytes.node("Gemm", "", List.of("h", "head"), "z").text(7, "com.example");
    assertThat(refused(SmallGraph.of("RNN").node(node).output("z")))
        .isEqualTo(
            "node 3 (Gemm): expected an operator that a built-in layer supports, found another of"
                + " domain com.example"
                + RUNTIME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Loop", "Scan"})
  void rejectsLoops(String op) throws IOException {
    OnnxBytes node = OnnxBytes.node(op, "branch", List.of("y"), "z").subgraph("body");
    assertThat(refused(SmallGraph.of("RNN").node(node)))
        .isEqualTo(
            "node 'branch' ("
                + op
                + "): expected a graph without branches and loops, found a subgraph"
                + RUNTIME);
  }

  @Test
  void rejectsAMissingValue() throws IOException {
    assertThat(refused(SmallGraph.of("GRU").without(0)))
        .isEqualTo(
            "node 'cell' (GRU): expected an initializer, a graph input or the output of an earlier"
                + " node, found 'W'");
  }

  @Test
  void rejectsUnusedWeights() throws IOException {
    assertThat(refused(SmallGraph.of("GRU").tensor(OnnxBytes.halves("scale", 2))))
        .isEqualTo(
            "tensor 'scale': expected only weights that lead to the output, found one that does not");
  }

  @Test
  void rejectsAStepOtherThanTheLast() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN")
            .tensor(OnnxBytes.integers("first", 0))
            .node(OnnxBytes.node("Gather", "pick", List.of("Y", "first"), "y1"))
            .output("y1");
    assertThat(refused(graph))
        .isEqualTo(
            "node 'pick' (Gather): expected only the last step of what the layers compute"
                + RUNTIME);
  }

  // The recurrence would run over the sequences of a batch.
  @Test
  void rejectsALayerThatStepsAlongAnotherAxis() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN")
            .tensor(OnnxBytes.integers("one", 1))
            .tensor(OnnxBytes.halves("W2", 1, 2, 2))
            .node(OnnxBytes.node("Squeeze", "", List.of("Y", "one"), "below"))
            .node(
                OnnxBytes.node("Transpose", "", List.of("below"), "swapped")
                    .attribute("perm", new long[] {1, 0, 2}))
            .node(OnnxBytes.node("RNN", "second", List.of("swapped", "W2", "R"), "Y2", "last2"))
            .output("Y2");
    assertThat(refused(graph))
        .isEqualTo(
            "node 'second' (RNN): expected X with the dimensions time, batch and features in the order"
                + " of this operator"
                + RUNTIME);
  }

  @Test
  void rejectsFeaturesMixedByAReshape() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN")
            .tensor(OnnxBytes.integers("four", -1, 4))
            .node(OnnxBytes.node("Reshape", "flat", List.of("Y", "four"), "y1"))
            .output("y1");
    assertThat(refused(graph))
        .isEqualTo(
            "node 'flat' (Reshape): expected to keep the features of each step together" + RUNTIME);
  }

  @Test
  void rejectsLogarithmsUnlessTheConfigSetsTheActivation() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN").node(OnnxBytes.node("LogSoftmax", "log", List.of("y"), "z"));
    assertThat(refused(graph.output("z")))
        .startsWith("node 'log' (LogSoftmax): expected output.activation in config.json, because");
    model.config("{'output': {'activation': 'softmax'}}");
    assertThat(model.load().outputSize()).isEqualTo(2);
  }

  @Test
  void rejectsAmbiguousOutputs() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN").output("x");
    assertThat(refused(graph))
        .isEqualTo(
            "expected one output, besides states, that comes from a recurrent node RNN, GRU or LSTM,"
                + " found [x]"
                + RUNTIME);
  }

  @Test
  void theConfigMustAgree() throws IOException {
    Files.write(model.path("model.onnx"), SmallGraph.of("GRU").bytes());
    String config = model.path("config.json") + ": ";
    model.config("{'model_type': 'lstm'}");
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            config + "model_type: expected gru as in " + model.path("model.onnx") + ", found lstm");
    model.config("{'output': {'head': 'fc.weight'}}");
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            config
                + "output.head: expected only for a state_dict, found the weights in model.onnx");
    model.config("{'nonlinearity': 'relu'}");
    assertThat(InvalidFile.message(model::load))
        .startsWith(config + "nonlinearity: expected gru")
        .endsWith(", found relu");
  }
}
