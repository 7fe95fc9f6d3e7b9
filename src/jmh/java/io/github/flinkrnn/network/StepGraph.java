package io.github.flinkrnn.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The ONNX graph of one step, like the export of a PyTorch module with a sequence of length 1, and
 * a batch of 1 or of any size. Inputs: x [1, batch, n_x], h and (lstm) c [layers, batch, n_a].
 * Outputs: y [batch, 8], h_out and c_out. Gates are in ONNX's order: i o f c for LSTM, z r h for
 * GRU.
 */
final class StepGraph {
  private static final int[] LSTM_ORDER = {0, 3, 1, 2}; // from PyTorch's i f g o
  private static final int[] GRU_ORDER = {1, 0, 2}; // from PyTorch's r z n
  private static final int[] RNN_ORDER = {0};

  private final SeededNetwork network;
  private final NetworkSize size;
  private final int batch;
  private final GraphBytes graph = new GraphBytes();

  /**
   * @param batch 1 or {@link GraphBytes#BATCH}
   */
  StepGraph(SeededNetwork network, int batch) {
    this.network = network;
    this.size = network.size();
    this.batch = batch;
  }

  byte[] bytes() {
    int n = size.hidden();
    graph.input("x", 1, batch, size.input());
    graph.input("h", size.layers(), batch, n);
    graph.output("y", batch, NetworkSize.OUTPUTS);
    graph.output("h_out", size.layers(), batch, n);
    if (size.hasCellState()) {
      graph.input("c", size.layers(), batch, n);
      graph.output("c_out", size.layers(), batch, n);
    }
    String below = "x";
    for (int l = 0; l < size.layers(); l++) {
      below = layer(l, below);
    }
    if (size.layers() > 1) {
      concat("h_out", "h_out");
      if (size.hasCellState()) {
        concat("c_out", "c_out");
      }
    }
    graph.integers("first_axis", 0);
    graph.node("Squeeze", List.of(below, "first_axis"), List.of("top")).end();
    graph.floats("fc.weight", network.tensor("fc.weight"), NetworkSize.OUTPUTS, n);
    graph.floats("fc.bias", network.tensor("fc.bias"), NetworkSize.OUTPUTS);
    graph
        .node("Gemm", List.of("top", "fc.weight", "fc.bias"), List.of("logits"))
        .attribute("transB", 1)
        .end();
    graph.node("Softmax", List.of("logits"), List.of("y")).attribute("axis", -1).end();
    return graph.model();
  }

  /** Adds a layer, and returns the name of its output. */
  private String layer(int l, String below) {
    int n = size.hidden();
    int rows = size.gates() * n;
    graph.floats("W" + l, reordered("rnn.weight_ih_l" + l), 1, rows, size.inputs(l));
    graph.floats("R" + l, reordered("rnn.weight_hh_l" + l), 1, rows, n);
    float[] inputBias = reordered("rnn.bias_ih_l" + l);
    float[] hiddenBias = reordered("rnn.bias_hh_l" + l);
    float[] bias = new float[2 * rows];
    System.arraycopy(inputBias, 0, bias, 0, rows);
    System.arraycopy(hiddenBias, 0, bias, rows, rows);
    graph.floats("B" + l, bias, 1, 2 * rows);
    List<String> inputs =
        new ArrayList<>(List.of(below, "W" + l, "R" + l, "B" + l, "", before("h", l)));
    List<String> outputs = new ArrayList<>(List.of("", after("h_out", l)));
    if (size.hasCellState()) {
      inputs.add(before("c", l));
      outputs.add(after("c_out", l));
    }
    GraphBytes.Node node = graph.node(size.type().toUpperCase(Locale.ROOT), inputs, outputs);
    node.attribute("hidden_size", n);
    if (size.type().equals("gru")) {
      node.attribute("linear_before_reset", 1);
    }
    node.end();
    return after("h_out", l);
  }

  /** The part of an input state that belongs to a layer. */
  private String before(String name, int l) {
    if (size.layers() == 1) {
      return name;
    }
    String part = name + l;
    graph.integers(part + "_from", l);
    graph.integers(part + "_to", l + 1);
    graph.node("Slice", List.of(name, part + "_from", part + "_to"), List.of(part)).end();
    return part;
  }

  private String after(String name, int l) {
    return size.layers() == 1 ? name : name + l;
  }

  private void concat(String from, String to) {
    List<String> parts = new ArrayList<>();
    for (int l = 0; l < size.layers(); l++) {
      parts.add(after(from, l));
    }
    graph.node("Concat", parts, List.of(to)).attribute("axis", 0).end();
  }

  /** A tensor whose blocks of rows, one per gate, are in ONNX's order. */
  private float[] reordered(String name) {
    int[] order =
        size.type().equals("lstm") ? LSTM_ORDER : size.gates() == 3 ? GRU_ORDER : RNN_ORDER;
    float[] from = network.tensor(name);
    float[] to = new float[from.length];
    int block = from.length / order.length;
    for (int gate = 0; gate < order.length; gate++) {
      System.arraycopy(from, order[gate] * block, to, gate * block, block);
    }
    return to;
  }
}
