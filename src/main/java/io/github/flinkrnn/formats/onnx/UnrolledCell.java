package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Term.Scaled;
import io.github.flinkrnn.formats.onnx.Term.Step;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ElmanCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.ejml.data.FMatrixRMaj;

/**
 * An Elman cell whose steps are nodes of their own, as torch.export writes {@code nn.RNN}:
 *
 * <pre>
 * h&lt;0&gt; = g(x[0] + b)                 the state before it is 0
 * h&lt;k&gt; = g(x[k] + R h&lt;k-1&gt; + b)
 * </pre>
 *
 * Every step must have the same g, R and b, and the next step of the same sequence x. Mutable until
 * the last step is read.
 */
final class UnrolledCell {
  private final Activation g;
  private final Term x;
  private final Axis time;
  private final double[] first; // b of step 0
  private Linear product; // R and its bias; null until step 1
  private double[] bias;
  private final Set<String> from = new TreeSet<>();
  private final String source;
  private int steps = 1;
  private Term sequence; // of all steps; null until it is asked for

  private UnrolledCell(Activation g, Term x, Axis time, double[] first, String source) {
    this.g = g;
    this.x = x;
    this.time = time;
    this.first = first;
    this.source = source;
  }

  /** A term without its shifts, and their sum. */
  private record Sum(Term of, double[] shift, Set<String> from) {
    static Sum of(Term term) {
      Term of = term;
      double[] shift = new double[Math.max(1, term.size())];
      Set<String> from = new TreeSet<>();
      while (of.kind() instanceof Scaled by && Arrays.stream(by.scale()).allMatch(s -> s == 1)) {
        add(by.shift(), shift);
        from.addAll(of.from());
        of = of.x();
      }
      return new Sum(of, shift, from);
    }

    private static void add(double[] more, double[] to) {
      for (int i = 0; i < to.length; i++) {
        to[i] += ArithmeticNode.at(more, i);
      }
    }

    Sum plus(Sum other, Term of) {
      double[] sum = shift.clone();
      add(other.shift, sum);
      return new Sum(of, sum, NodeCall.union(from, other.from));
    }
  }

  /** The step that g ends, or null if it is none. */
  static Term step(NodeCall call, Activation g, Term term) {
    Sum sum = Sum.of(term);
    if (sum.of().kind() instanceof At at && at.k() == 0 && term != sum.of()) {
      Axis time = call.walk().axisOf(sum.of());
      UnrolledCell cell = new UnrolledCell(g, sum.of().x(), time, sum.shift(), call.node().place());
      cell.from.addAll(sum.from());
      return cell.step(call, 0);
    }
    if (!sum.of().is("Add")) {
      return null;
    }
    for (boolean turned : new boolean[] {false, true}) {
      Sum one = Sum.of(sum.of().of().get(turned ? 1 : 0));
      Sum other = Sum.of(sum.of().of().get(turned ? 0 : 1));
      if (one.of().kind() instanceof At at
          && other.of().kind() instanceof Linear r
          && other.of().x().kind() instanceof Step before
          && before.k() == at.k() - 1
          && before.cell().g == g
          && before.cell().x == one.of().x()) {
        Sum all = sum.plus(one, one.of()).plus(other, one.of());
        return before.cell().next(call, at.k(), other.of(), r, all);
      }
    }
    return null;
  }

  private Term step(NodeCall call, int k) {
    int n = product == null ? x.size() : product.w().getNumRows();
    return new Term(new Step(this, k), List.of(x), n, call.node().place(), Set.of());
  }

  private Term next(NodeCall call, int k, Term term, Linear r, Sum sum) {
    double[] total = sum.shift().clone();
    for (int i = 0; r.b() != null && i < total.length; i++) {
      total[i] += r.b()[i];
    }
    if (product == null) {
      product = r;
      bias = total;
      from.addAll(term.from());
      from.addAll(sum.from());
      expectZeros(call);
    } else if (!Arrays.equals(r.w().getData(), product.w().getData())
        || !Arrays.equals(total, bias)) {
      throw call.unsupported("expected the same weights at every step of a recurrence");
    }
    if (k != steps && k != steps - 1) {
      throw call.unsupported("expected the steps of a recurrence in their order");
    }
    steps = k + 1;
    return step(call, k);
  }

  /** Step 0 has the bias of the others, if the state before it is 0. */
  private void expectZeros(NodeCall call) {
    for (int i = 0; i < bias.length; i++) {
      if (Math.abs(first[i] - bias[i]) > 1e-6 * Math.max(1, Math.abs(bias[i]))) {
        throw call.unsupported("expected zeros as the state before the first step");
      }
    }
  }

  /**
   * The sequence of all steps, if the parts are step 0, 1, … of one cell, joined along the axis at
   * {@code place}; else null.
   */
  static Signal joined(NodeCall call, List<Signal> parts, int place) {
    if (!(parts.get(0).term().kind() instanceof Step step)) {
      return null;
    }
    UnrolledCell cell = step.cell();
    for (int k = 0; k < parts.size(); k++) {
      boolean isNext =
          parts.get(k).term().kind() instanceof Step next && next.cell() == cell && next.k() == k;
      if (!isNext || parts.get(k).axes().get(place).size() != 1) {
        return null;
      }
    }
    if (parts.size() != cell.steps || !cell.isWhole()) {
      return null;
    }
    List<Axis> axes = new ArrayList<>(parts.get(0).axes());
    axes.set(place, cell.time());
    call.walk().expectTime(call, cell.time());
    return new Signal(cell.sequence(call.walk().kernel()), axes);
  }

  /** Whether the steps are all of the sequence, as far as the file says how many there are. */
  boolean isWhole() {
    return product != null && (time.isFree() || steps == time.size());
  }

  /** Whether a step is the last of the sequence. */
  boolean isLast(int k) {
    return k == steps - 1 && isWhole();
  }

  /** The dimension of the steps that the graph has, even if the file declares its size free. */
  Axis time() {
    return Axis.of(time.id(), steps, false);
  }

  /** The recurrent layer. */
  Term sequence(Kernel kernel) {
    if (sequence == null) {
      boolean hasProduct = x.kind() instanceof Linear;
      int n = bias.length;
      FMatrixRMaj wax = hasProduct ? ((Linear) x.kind()).w() : new FMatrixRMaj(n, n);
      for (int i = 0; !hasProduct && i < n; i++) {
        wax.unsafe_set(i, i, 1);
      }
      float[] ofX = hasProduct ? ((Linear) x.kind()).b() : null;
      float[] ba = new float[n];
      for (int i = 0; i < n; i++) {
        ba[i] = (float) (bias[i] + (ofX == null ? 0 : ofX[i]));
      }
      ElmanCell cell = new ElmanCell(g, product.w(), wax, ba, kernel);
      if (hasProduct) {
        from.addAll(x.from());
      }
      String all = source + " and the steps after it, " + steps + " in total";
      sequence =
          new Term(
              new Cell(cell, null, null, null),
              List.of(hasProduct ? x.x() : x),
              n,
              hasProduct ? x.source() + "; " + all : all,
              from);
    }
    return sequence;
  }
}
