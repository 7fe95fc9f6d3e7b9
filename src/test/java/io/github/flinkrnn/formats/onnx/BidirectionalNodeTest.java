package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.LookAheadCase;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bidirectional and reverse nodes give what PyTorch computes for whole sequences, and what {@code
 * src/test/python/look_ahead.py} computes if each layer looks only some tokens ahead. {@code
 * onnx_bidirectional_cases.py} wrote the cases.
 */
class BidirectionalNodeTest {
  static List<String> names() throws IOException {
    return LookAheadCase.names("model.onnx");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAndWithTheReference(String name) throws IOException {
    LookAheadCase of = LookAheadCase.of(name);
    assertThat(of.looks()).hasSize(name.contains("-final") ? 1 : 5).endsWith("end");
    for (String look : of.looks()) {
      of.assertAgrees(look);
    }
  }

  @TempDir private Path directory;

  private static final String NO_STEP = StatePairs.NO_STATE;

  /** A bidirectional GRU of 2 units and 3 inputs; {@code h} has both directions side by side. */
  private static SmallGraph graph(OnnxBytes cell) {
    return SmallGraph.of("GRU", cell)
        .withoutLastNode()
        .withoutLastNode()
        .without(0)
        .without(0)
        .without(0)
        .tensor(OnnxBytes.halves("W2", 2, 6, 3))
        .tensor(OnnxBytes.halves("R2", 2, 6, 2))
        .tensor(OnnxBytes.halves("B2", 2, 12))
        .tensor(OnnxBytes.integers("shape", 0, 0, -1))
        .tensor(OnnxBytes.halves("wide", 4, 2))
        .without(1) // the head of one direction
        .without(0)
        .node(
            OnnxBytes.node("Transpose", "turn", List.of("Y"), "T")
                .attribute("perm", new long[] {0, 2, 1, 3}))
        .node(OnnxBytes.node("Reshape", "join", List.of("T", "shape"), "h"));
  }

  private static OnnxBytes gru(String... more) {
    List<String> inputs = new ArrayList<>(List.of("x", "W2", "R2", "B2"));
    inputs.addAll(List.of(more));
    return OnnxBytes.node("GRU", "cell", inputs, "Y", "last")
        .attribute("direction", "bidirectional");
  }

  private static OnnxBytes head(String input) {
    return OnnxBytes.node("MatMul", "fc", List.of(input, "wide"), "y");
  }

  private ModelDirectory write(SmallGraph graph) throws IOException {
    ModelDirectory model =
        ModelDirectory.in(directory).config("{'output': {'activation': 'identity'}}");
    Files.write(model.path("model.onnx"), graph.bytes());
    return model;
  }

  private String refused(SmallGraph graph) throws IOException {
    return InvalidFile.message(write(graph)::load).replace(directory + "/model.onnx: ", "");
  }

  @Test
  void describesBothCellsOfANode() throws IOException {
    RnnModel model = write(graph(gru()).node(head("h"))).load();
    assertThat(model.describe())
        .contains("bidirectional gru (reset before the product), one layer of 4, 3 features");
    assertThat(model.parameters()).isEqualTo(92);
    assertThat(model.parts().get(0).source())
        .isEqualTo("node 'cell' (GRU): W2 [2 × 6 × 3], R2 [2 × 6 × 2], B2 [2 × 12]");
    assertThat(LookAheadCase.of("onnx-final-reverse").model().cellTypes())
        .containsExactly("backward gru, of the whole sequence, 3 to 3");
  }

  @Test
  void rejectsDirectionsThatStayApart() throws IOException {
    SmallGraph graph = graph(gru()).node(OnnxBytes.node("Relu", "act", List.of("Y"), "y"));
    assertThat(refused(graph))
        .isEqualTo(
            "node 'act' (Relu): expected both directions of a layer in one vector, found them apart"
                + NO_STEP);
    assertThat(refused(graph(gru()).output("Y")))
        .isEqualTo("expected the features of a step as the last dimension of the output");
  }

  @Test
  void rejectsAStateBeforeTheFirstToken() throws IOException {
    SmallGraph graph = graph(gru("", "h0")).tensor(OnnxBytes.halves("h0", 2, 1, 2));
    assertThat(refused(graph.node(head("h"))))
        .isEqualTo(
            "node 'cell' (GRU): expected zeros as initial_h, because a cell that reads backward begins"
                + " at zero"
                + NO_STEP);
  }

  @Test
  void rejectsAttributesOfOneDirection() throws IOException {
    assertThat(
            refused(
                graph(gru().attribute("activations", List.of("Sigmoid", "Tanh"))).node(head("h"))))
        .isEqualTo("node 'cell' (GRU): expected activations of length 4, found 2");
    SmallGraph one =
        SmallGraph.of("GRU", SmallGraph.recurrent("GRU").attribute("direction", "both"));
    assertThat(refused(one))
        .isEqualTo(
            "node 'cell' (GRU): expected direction forward, reverse or bidirectional, found both");
    SmallGraph narrow =
        SmallGraph.of("GRU", SmallGraph.recurrent("GRU").attribute("direction", "bidirectional"));
    assertThat(refused(narrow))
        .isEqualTo("node 'cell' (GRU): expected W [2 × 6 × 3], found W [1 × 6 × 3]");
  }

  @Test
  void rejectsABidirectionalLayerBesideOthers() throws IOException {
    SmallGraph graph =
        graph(gru())
            .tensor(OnnxBytes.halves("in", 3, 4))
            .node(OnnxBytes.node("MatMul", "beside", List.of("x", "in"), "other"))
            .node(OnnxBytes.node("Add", "sum", List.of("h", "other"), "both"))
            .node(head("both"));
    assertThat(refused(graph))
        .isEqualTo(
            "expected bidirectional layers in one chain from the input to the outputs, found one"
                + " in parallel with other layers"
                + NO_STEP);
  }
}
