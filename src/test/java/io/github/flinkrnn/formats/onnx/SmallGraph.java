package io.github.flinkrnn.formats.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A graph of one recurrent node with 2 units and 3 features, and a Gemm with 2 outputs. A test
 * changes one thing. All weights are 0.5.
 */
final class SmallGraph {
  private final List<OnnxBytes> nodes = new ArrayList<>();
  private final List<OnnxBytes> tensors = new ArrayList<>();
  private final OnnxBytes others = new OnnxBytes();
  private List<String> outputs = List.of("y");

  private SmallGraph() {}

  /** A node with X, W, R and B. Its last state is {@code last} [1 × batch × 2]. */
  static OnnxBytes recurrent(String op, String... more) {
    List<String> inputs = new ArrayList<>(List.of("x", "W", "R", "B"));
    inputs.addAll(List.of(more));
    return OnnxBytes.node(op, "cell", inputs, "Y", "last");
  }

  /** A graph with this node between X and the Gemm. Its output is {@code last}. */
  static SmallGraph of(String op, OnnxBytes recurrent) {
    return of(op, recurrent, -1);
  }

  /** A graph of a sequence with this many steps; -1 for any number. */
  static SmallGraph ofSteps(long time) {
    return of("GRU", recurrent("GRU"), time);
  }

  private static SmallGraph of(String op, OnnxBytes recurrent, long time) {
    int gates = op.equals("RNN") ? 1 : op.equals("GRU") ? 3 : 4;
    SmallGraph graph = new SmallGraph().tensor(OnnxBytes.halves("W", 1, 2 * gates, 3));
    graph.tensor(OnnxBytes.halves("R", 1, 2 * gates, 2));
    graph.tensor(OnnxBytes.halves("B", 1, 4 * gates));
    graph.tensor(OnnxBytes.integers("axes", 0)).tensor(OnnxBytes.halves("head", 2, 2));
    graph.node(recurrent).node(OnnxBytes.node("Squeeze", "", List.of("last", "axes"), "h"));
    graph.node(OnnxBytes.node("Gemm", "fc", List.of("h", "head"), "y"));
    graph.others.input("x", 1, time, -1, 3);
    return graph;
  }

  static SmallGraph of(String op) {
    return of(op, recurrent(op));
  }

  SmallGraph node(OnnxBytes node) {
    nodes.add(node);
    return this;
  }

  /** Adds a node before the recurrent node. */
  SmallGraph first(OnnxBytes node) {
    nodes.add(0, node);
    return this;
  }

  SmallGraph tensor(OnnxBytes tensor) {
    tensors.add(tensor);
    return this;
  }

  SmallGraph withoutLastNode() {
    nodes.remove(nodes.size() - 1);
    return this;
  }

  SmallGraph without(int tensor) {
    tensors.remove(tensor);
    return this;
  }

  SmallGraph input(String name, int type, long... sizes) {
    others.input(name, type, sizes);
    return this;
  }

  SmallGraph output(String... names) {
    outputs = List.of(names);
    return this;
  }

  OnnxBytes graph() {
    OnnxBytes graph = new OnnxBytes();
    nodes.forEach(graph::node);
    tensors.forEach(graph::initializer);
    outputs.forEach(graph::output);
    return graph;
  }

  byte[] bytes() {
    OnnxBytes graph = graph();
    byte[] all = join(graph.bytes(), others.bytes());
    OnnxBytes opset = new OnnxBytes().integer(2, 14);
    return new OnnxBytes().integer(1, 8).message(8, opset).raw(7, all).bytes();
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
