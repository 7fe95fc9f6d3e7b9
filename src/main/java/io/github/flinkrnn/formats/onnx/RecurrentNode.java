package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.LstmCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ejml.data.FMatrixRMaj;

/**
 * A node RNN, GRU or LSTM (operator sets 7 to 22, onnx.ai/onnx/operators), with n = hidden_size:
 *
 * <pre>
 * W [D × G n × n_x], R [D × G n × n], B [D × 2 G n] = [Wb, Rb] for D directions
 * RNN  H&lt;t&gt; = f(W X&lt;t&gt; + R H&lt;t-1&gt; + Wb + Rb)
 * GRU  rows of z, r, h; linear_before_reset=1 multiplies with r after the product
 * LSTM rows of i, o, f, c
 * </pre>
 *
 * The built-in cells compute these equations, with the rows of the gates in another order.
 */
final class RecurrentNode {
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "tanh", Activation.TANH,
          "relu", Activation.RELU,
          "sigmoid", Activation.SIGMOID,
          "softplus", Activation.SOFTPLUS);
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "activations",
          "activation_alpha",
          "activation_beta",
          "clip",
          "direction",
          "hidden_size",
          "layout",
          "linear_before_reset",
          "input_forget");
  // The order of the built-in rows in ONNX: r, z, c of z, r, h; i, f, g, o of i, o, f, c.
  private static final String FORWARD = "forward";
  private static final String REVERSE = "reverse";
  private static final String BIDIRECTIONAL = "bidirectional";
  private static final int[] RNN_ROWS = {0};
  private static final int[] GRU_ROWS = {1, 0, 2};
  private static final int[] LSTM_ROWS = {0, 2, 3, 1};
  private final NodeCall call;
  private final String op;
  private final int[] rows;
  private final String direction;
  private final int count; // of the directions
  private final Set<String> from = new TreeSet<>();

  private RecurrentNode(NodeCall call) {
    this.call = call;
    this.op = call.node().op();
    this.rows =
        switch (op) {
          case "RNN" -> RNN_ROWS;
          case "GRU" -> GRU_ROWS;
          default -> LSTM_ROWS;
        };
    this.direction = call.attribute("direction", String.class, FORWARD);
    this.count = direction.equals(BIDIRECTIONAL) ? 2 : 1;
  }

  /** The outputs Y, Y_h and, for an LSTM, Y_c. */
  static List<Value> read(NodeCall call) {
    return new RecurrentNode(call).outputs();
  }

  private List<Value> outputs() {
    refuseWhatNoCellComputes();
    int time = call.integer("layout", 0) == 0 ? 0 : 1;
    Signal x = sequence(time);
    OnnxTensor w = weights(1, "W", 3);
    OnnxTensor r = weights(2, "R", 3);
    Term cell = cell(LinearNode.vector(call, x, 2, w.last()).term(), w, r);
    Axis directions = count == 1 ? call.walk().single() : Axis.of(Axis.DIRECTIONS, count, false);
    Axis steps = x.axes().get(time);
    Axis batch = x.axes().get(1 - time);
    Axis features = Axis.features(cell.size() / count);
    List<Axis> all =
        time == 0
            ? List.of(steps, directions, batch, features)
            : List.of(batch, steps, directions, features);
    List<Axis> last =
        time == 0 ? List.of(directions, batch, features) : List.of(batch, directions, features);
    Term cellState =
        new Term(
            new State("the cell state of " + call.node().place()),
            List.of(cell),
            cell.size(),
            call.node().place(),
            Set.of());
    return List.of(
        new Signal(cell, all),
        new Signal(ofTheEnds(cell), last, true),
        new Signal(cellState, last, true));
  }

  /** Y_h: of a node that reads backward, its last state is that of the first token. */
  private static Term ofTheEnds(Term term) {
    return ((Cell) term.kind()).layer() instanceof Bidirectional both
        ? new Term(
            new Cell(both.ofTheEnds(), null, null, ((Cell) term.kind()).start()),
            term.of(),
            term.size(),
            term.source(),
            term.from())
        : term;
  }

  private Signal sequence(int time) {
    Signal x = call.signal(0);
    if (x.axes().size() != 3 || (x.place(Axis.FEATURES) != 2 && x.term().size() > 1)) {
      throw call.unsupported(
          "expected X with the dimensions time, batch and features in the order of this operator");
    }
    call.walk().expectTime(call, x.axes().get(time));
    OnnxTensor steps = null;
    if (call.optional(4) instanceof Weights lengths && !lengths.tensor().isFloat()) {
      steps = lengths.tensor();
    }
    boolean isWhole = call.optional(4) == null || steps != null;
    for (int i = 0; steps != null && i < steps.length(); i++) {
      isWhole &= steps.integers()[i] == x.axes().get(time).size();
    }
    if (!isWhole) {
      throw call.unsupported("expected no sequence_lens, because sequences have no padding");
    }
    return x;
  }

  private void refuseWhatNoCellComputes() {
    call.expectAttributes(ATTRIBUTES);
    if (!Set.of(FORWARD, REVERSE, BIDIRECTIONAL).contains(direction)) {
      throw call.refused(
          "expected direction forward, reverse or bidirectional, found " + direction);
    }
    if (call.node().attributes().containsKey("clip")) {
      throw call.unsupported("expected no clip");
    }
    if (call.integer("input_forget", 0) != 0) {
      throw call.unsupported("expected no input_forget (coupled gates)");
    }
    if (call.optional(7) != null && !isZero(call.optional(7))) {
      throw call.unsupported("expected no peepholes (input P)");
    }
    long layout = call.integer("layout", 0);
    if (layout != 0 && layout != 1) {
      throw call.refused("expected layout 0 or 1, found " + layout);
    }
  }

  private static boolean isZero(Value value) {
    boolean isZero = value instanceof Weights weights && weights.tensor().isFloat();
    for (int i = 0; isZero && i < ((Weights) value).tensor().length(); i++) {
      isZero = ((Weights) value).tensor().floats()[i] == 0;
    }
    return isZero;
  }

  private Term cell(Term x, OnnxTensor w, OnnxTensor r) {
    long n = call.integer("hidden_size", r.last());
    long gateRows = rows.length * n;
    long nX = x.size();
    if (n < 1 || nX < 1 || n > r.length()) {
      throw call.refused("expected inputs and units as in W and R, found " + nX + " and " + n);
    }
    expect("W", w, count, gateRows, nX);
    expect("R", r, count, gateRows, n);
    OnnxTensor b = call.optional(3) == null ? null : weights(3, "B", 2);
    if (b != null) {
      expect("B", b, count, 2 * gateRows);
    }
    call.take(2L * (w.length() + r.length())); // the cell and its kernel keep copies
    Layer cell = cell(0, (int) n, w, r, b);
    if (count == 2) {
      Layer backward = cell(1, (int) n, w, r, b);
      cell = new Bidirectional(cell, backward, Join.CONCATENATE, false);
    } else if (direction.equals(REVERSE)) {
      cell = new Bidirectional(null, cell, Join.CONCATENATE, false);
    }
    FirstState first = new FirstState(call, x, (int) n, from);
    float[] h0 = first.read(5, "initial_h");
    float[] c0 = op.equals("LSTM") ? first.read(6, "initial_c") : null;
    if (!direction.equals(FORWARD) && (h0 != null || c0 != null)) {
      throw call.unsupported(
          "expected zeros as "
              + (h0 == null ? "initial_c" : "initial_h")
              + ", because a cell that reads backward begins at zero");
    }
    String source =
        call.node().place() + ": " + w + ", " + r + (b == null ? ", no bias" : ", " + b);
    return new Term(
        new Cell(cell, h0, c0, first.inPlaceOf()), List.of(x), cell.outputSize(), source, from);
  }

  /** The cell of a direction. */
  private Layer cell(int index, int n, OnnxTensor w, OnnxTensor r, OnnxTensor b) {
    int gateRows = rows.length * n;
    int nX = w.last();
    float[] wb = b == null ? null : reordered(b, 2 * index * gateRows, n, 1);
    float[] rb = b == null ? null : reordered(b, (2 * index + 1) * gateRows, n, 1);
    FMatrixRMaj wx = FMatrixRMaj.wrap(gateRows, nX, reordered(w, index * gateRows * nX, n, nX));
    FMatrixRMaj wa = FMatrixRMaj.wrap(gateRows, n, reordered(r, index * gateRows * n, n, n));
    return layer(index, wx, wa, wb, rb);
  }

  private Layer layer(int index, FMatrixRMaj wx, FMatrixRMaj wa, float[] wb, float[] rb) {
    Kernel kernel = call.walk().kernel();
    switch (op) {
      case "RNN" -> {
        return new ElmanCell(activations(index, "tanh").get(0), wa, wx, sum(wb, rb), kernel);
      }
      case "GRU" -> {
        List<Activation> g = activations(index, "sigmoid", "tanh");
        boolean resetAfter = call.integer("linear_before_reset", 0) != 0;
        return new GruCell(wx, wa, wb, rb, g.get(0), g.get(1), resetAfter, kernel);
      }
      default -> {
        List<Activation> g = activations(index, "sigmoid", "tanh", "tanh");
        if (g.get(1) != g.get(2)) {
          throw call.unsupported(
              "expected the same activation for the cell gate and the cell state");
        }
        return new LstmCell(wa, wx, sum(wb, rb), null, g.get(0), g.get(1), kernel);
      }
    }
  }

  /** The activations of a direction. */
  private List<Activation> activations(int index, String... otherwise) {
    int each = otherwise.length;
    List<?> names =
        call.attribute(
            "activations",
            List.class,
            Collections.nCopies(count, List.of(otherwise)).stream().flatMap(List::stream).toList());
    if (names.size() != count * each) {
      throw call.refused(
          "expected activations of length " + count * each + ", found " + names.size());
    }
    float[] alphas = call.attribute("activation_alpha", float[].class, new float[0]);
    float[] betas = call.attribute("activation_beta", float[].class, new float[0]);
    List<Activation> activations = new ArrayList<>();
    int next = 0; // only activations with a parameter have one in the lists, or all have
    for (Object name : names) {
      String lower = String.valueOf(name).toLowerCase(Locale.ROOT);
      Activation g = ACTIVATIONS.get(lower);
      if (lower.equals("hardsigmoid")) {
        int at = alphas.length == names.size() ? activations.size() : next++;
        float alpha = at < alphas.length ? alphas[at] : 0.2f;
        float beta = at < betas.length ? betas[at] : 0.5f;
        g = ActivationNode.hardSigmoid(call, alpha, beta);
      }
      if (g == null) {
        throw call.unsupported(
            "expected activation Tanh, Relu, Sigmoid, HardSigmoid or Softplus, found " + name);
      }
      activations.add(g);
    }
    return activations.subList(index * each, (index + 1) * each);
  }

  private OnnxTensor weights(int input, String what, int rank) {
    Weights weights = call.weights(input, what);
    if (weights.tensor().rank() != rank) {
      throw call.refused(
          "expected " + what + " of " + rank + " dimensions, found " + weights.tensor());
    }
    from.addAll(weights.from());
    return weights.tensor();
  }

  private void expect(String what, OnnxTensor tensor, long... shape) {
    boolean same = true;
    for (int i = 0; i < shape.length; i++) {
      same &= tensor.shape()[i] == shape[i];
    }
    if (!same) {
      String expected = what + " " + Arrays.toString(shape).replace(", ", " × ");
      throw call.refused("expected " + expected + ", found " + tensor);
    }
  }

  /** The rows of the gates in the order of the built-in cells, from an offset. */
  private float[] reordered(OnnxTensor tensor, int offset, int n, int columns) {
    float[] ours = new float[call.take((long) rows.length * n * columns)];
    for (int gate = 0; gate < rows.length; gate++) {
      int at = offset + rows[gate] * n * columns;
      System.arraycopy(tensor.floats(), at, ours, gate * n * columns, n * columns);
    }
    return ours;
  }

  private float[] sum(float[] wb, float[] rb) {
    if (wb == null) {
      return null;
    }
    float[] sum = new float[wb.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = wb[i] + rb[i];
      if (!Float.isFinite(sum[i])) {
        throw call.refused("expected finite float32 sums of the halves of B, found " + sum[i]);
      }
    }
    return sum;
  }
}
