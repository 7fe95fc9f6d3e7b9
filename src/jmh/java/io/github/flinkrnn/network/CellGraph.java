package io.github.flinkrnn.network;

import java.util.Arrays;
import java.util.List;

/**
 * The ONNX graph of one step of a network of one layer as matrix products, like the export of
 * PyTorch's {@code RNNCell}, {@code GRUCell} and {@code LSTMCell}. Inputs: x [batch, n_x], h and
 * (lstm) c [batch, n_a]. Outputs: y [batch, 8], h_out and c_out.
 */
final class CellGraph {
  private final SeededNetwork network;
  private final NetworkSize size;
  private final GraphBytes graph = new GraphBytes();

  /**
   * @throws IllegalArgumentException if the network has several layers
   */
  CellGraph(SeededNetwork network) {
    if (network.size().layers() != 1) {
      throw new IllegalArgumentException(network.size().name() + ": expected one layer");
    }
    this.network = network;
    this.size = network.size();
  }

  byte[] bytes() {
    int n = size.hidden();
    graph.input("x", GraphBytes.BATCH, size.input());
    graph.input("h", GraphBytes.BATCH, n);
    graph.output("y", GraphBytes.BATCH, NetworkSize.OUTPUTS);
    graph.output("h_out", GraphBytes.BATCH, n);
    graph.floats("W", reordered("rnn.weight_ih_l0"), size.gates() * n, size.input());
    graph.floats("R", reordered("rnn.weight_hh_l0"), size.gates() * n, n);
    float[] bias = reordered("rnn.bias_ih_l0");
    float[] hiddenBias = reordered("rnn.bias_hh_l0");
    if (size.type().equals("gru")) {
      graph.floats("b_h", hiddenBias, hiddenBias.length);
    } else {
      for (int i = 0; i < bias.length; i++) {
        bias[i] += hiddenBias[i]; // one product adds both, the other none
      }
    }
    graph.floats("b", bias, bias.length);
    switch (size.type()) {
      case "rnn" -> rnn();
      case "gru" -> gru(n);
      default -> lstm(n);
    }
    graph.floats("fc.weight", network.tensor("fc.weight"), NetworkSize.OUTPUTS, n);
    graph.floats("fc.bias", network.tensor("fc.bias"), NetworkSize.OUTPUTS);
    product("h_out", "fc.weight", "fc.bias", "logits");
    graph.node("Softmax", List.of("logits"), List.of("y")).attribute("axis", -1).end();
    return graph.model();
  }

  private void rnn() {
    product("x", "W", "b", "of_x");
    product("h", "R", "of_x", "sum");
    node("h_out", "Tanh", "sum");
  }

  private void lstm(int n) {
    graph.input("c", GraphBytes.BATCH, n);
    graph.output("c_out", GraphBytes.BATCH, n);
    product("x", "W", "b", "of_x");
    product("h", "R", "of_x", "sum");
    split("sum", List.of("sum_ifo", "sum_g"), 3 * n, n);
    node("ifo", "Sigmoid", "sum_ifo");
    node("g", "Tanh", "sum_g");
    split("ifo", List.of("i", "f", "o"), n, n, n);
    node("kept", "Mul", "f", "c");
    node("added", "Mul", "i", "g");
    node("c_out", "Add", "kept", "added");
    node("shown", "Tanh", "c_out");
    node("h_out", "Mul", "o", "shown");
  }

  private void gru(int n) {
    product("x", "W", "b", "of_x");
    product("h", "R", "b_h", "of_h");
    split("of_x", List.of("x_rz", "x_n"), 2 * n, n);
    split("of_h", List.of("h_rz", "h_n"), 2 * n, n);
    node("sum_rz", "Add", "x_rz", "h_rz");
    node("rz", "Sigmoid", "sum_rz");
    split("rz", List.of("r", "z"), n, n);
    node("reset", "Mul", "r", "h_n");
    node("sum_n", "Add", "x_n", "reset");
    node("n", "Tanh", "sum_n");
    node("back", "Sub", "h", "n");
    node("kept", "Mul", "z", "back");
    node("h_out", "Add", "n", "kept");
  }

  /** A tensor whose blocks of rows are in this order of gates: i f o g for LSTM, r z n for GRU. */
  private float[] reordered(String name) {
    float[] tensor = network.tensor(name).clone();
    if (size.type().equals("lstm")) {
      int half = tensor.length / 2;
      int block = tensor.length / 4;
      float[] g = Arrays.copyOfRange(tensor, half, half + block);
      System.arraycopy(tensor, half + block, tensor, half, block);
      System.arraycopy(g, 0, tensor, half + block, block);
    }
    return tensor;
  }

  private void product(String from, String weights, String plus, String to) {
    graph.node("Gemm", List.of(from, weights, plus), List.of(to)).attribute("transB", 1).end();
  }

  private void node(String to, String operator, String... from) {
    graph.node(operator, List.of(from), List.of(to)).end();
  }

  private void split(String from, List<String> to, int... widths) {
    graph.integers(from + "_widths", Arrays.stream(widths).asLongStream().toArray());
    graph.node("Split", List.of(from, from + "_widths"), to).attribute("axis", 1).end();
  }
}
