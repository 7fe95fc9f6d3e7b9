package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Term.Op;
import io.github.flinkrnn.formats.onnx.Term.Scaled;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * Add, Sub, Mul, Div and Pow on the vectors of each step: with a constant, which scales and shifts
 * them, or with each other.
 */
final class ArithmeticNode {
  private ArithmeticNode() {}

  static Value of(NodeCall call) {
    if (call.inputs().size() != 2) {
      throw call.refused("expected 2 inputs, found " + call.inputs().size());
    }
    if (call.required(0) instanceof Signal a && call.required(1) instanceof Signal b) {
      return ofTwo(call, a, b);
    }
    boolean isFirst = call.required(0) instanceof Signal;
    Signal x = call.signal(isFirst ? 0 : 1);
    Weights c = call.weights(isFirst ? 1 : 0, isFirst ? "the second operand" : "the first operand");
    return switch (call.op()) {
      case "Add" -> add(call, x, c);
      case "Mul" -> withConstant(call, x, c, (v) -> v, (v) -> 0);
      case "Sub" ->
          isFirst
              ? withConstant(call, x, c, v -> 1, v -> -v)
              : withConstant(call, x, c, v -> -1, v -> v);
      case "Div" -> isFirst ? withConstant(call, x, c, v -> 1 / v, v -> 0) : reciprocal(call, x, c);
      case "Pow" -> power(call, x, c, isFirst);
      default -> throw call.unsupported("expected arithmetic on shapes");
    };
  }

  private static Signal reciprocal(NodeCall call, Signal x, Weights c) {
    Signal one = piece(call, x, "Reciprocal");
    boolean isOne = c.tensor().length() == 1 && c.tensor().floats()[0] == 1;
    return isOne ? one : withConstant(call, one, c, v -> v, v -> 0);
  }

  private static Signal power(NodeCall call, Signal x, Weights exponent, boolean isFirst) {
    float[] power = exponent.tensor().floats();
    if (!isFirst || power.length != 1) {
      throw call.unsupported("expected one constant as the exponent");
    }
    if (power[0] == 0.5f) {
      return piece(call, x, "Sqrt");
    }
    if (power[0] != 2 && power[0] != 3) {
      throw call.unsupported("expected the exponent 2, 3 or 0.5, found " + power[0]);
    }
    return piece(call, x, power[0] == 2 ? "Square" : "Cube");
  }

  /** An operator of one vector that is only a piece of a layer. */
  static Signal piece(NodeCall call, Signal signal, String op) {
    Signal x = LinearNode.vector(call, signal);
    Term term = new Term(new Op(op), List.of(x.term()), x.term().size(), place(call), Set.of());
    return x.with(Patterns.known(call, term));
  }

  private static String place(NodeCall call) {
    return call.node().place();
  }

  static Signal negative(NodeCall call) {
    Signal x = LinearNode.vector(call, call.signal(0));
    Scaled minus = new Scaled(new double[] {-1}, new double[] {0});
    return x.with(scaled(call, x.term(), minus, "negative", Set.of()));
  }

  /** x + c. The bias of a product becomes a part of it. */
  static Signal add(NodeCall call, Signal x, Weights c) {
    return withConstant(call, x, c, v -> 1, v -> v);
  }

  private static Signal withConstant(
      NodeCall call,
      Signal signal,
      Weights c,
      DoubleUnaryOperator toScale,
      DoubleUnaryOperator toShift) {
    Signal x = aligned(call, signal, c.tensor().rank());
    float[] numbers = alongFeatures(call, x, c.tensor());
    if (numbers.length == 0) {
      throw call.refused("expected numbers, found " + c.tensor());
    }
    int place = x.place(Axis.FEATURES) >= 0 ? x.place(Axis.FEATURES) : placeOf(x, c.tensor());
    x = numbers.length == 1 ? LinearNode.vector(call, x) : LinearNode.vector(call, x, place, 0);
    int size = x.term().size();
    if (numbers.length != 1 && numbers.length != size) {
      throw call.unsupported("expected one number or " + size + ", found " + c.tensor());
    }
    double[] scale = new double[call.take(2L * numbers.length) / 2];
    double[] shift = new double[scale.length];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = toScale.applyAsDouble(numbers[i]);
      shift[i] = toShift.applyAsDouble(numbers[i]);
      if (!Float.isFinite((float) scale[i]) || !Float.isFinite((float) shift[i])) {
        throw call.refused("expected finite weights, found " + c.tensor());
      }
    }
    String source = c.tensor().toString();
    return x.with(scaled(call, x.term(), new Scaled(scale, shift), source, c.from()));
  }

  /** A scale and a shift, as a part of the layer below where that is one too. */
  static Term scaled(NodeCall call, Term x, Scaled by, String source, Set<String> from) {
    boolean onlyShifts = true;
    for (double scale : by.scale()) {
      onlyShifts &= scale == 1;
    }
    if (onlyShifts && x.kind() instanceof Linear linear) {
      return biased(call, x, linear, by.shift(), source, from);
    }
    if (x.kind() instanceof Scaled below) {
      int n = Math.max(below.scale().length, by.scale().length);
      double[] scale = new double[call.take(2L * n) / 2];
      double[] shift = new double[n];
      for (int i = 0; i < n; i++) {
        double factor = at(by.scale(), i);
        scale[i] = at(below.scale(), i) * factor;
        shift[i] = at(below.shift(), i) * factor + at(by.shift(), i);
      }
      return Patterns.known(
          call,
          new Term(
              new Scaled(scale, shift),
              x.of(),
              x.size(),
              joined(call, x.source(), source),
              NodeCall.union(x.from(), from)));
    }
    String place = x.kind() instanceof At ? source : place(call) + ": " + source;
    return Patterns.known(call, new Term(by, List.of(x), x.size(), place, from));
  }

  private static String joined(NodeCall call, String one, String other) {
    int unused = call.take(one.length() + other.length());
    return one + ", " + other;
  }

  static double at(double[] numbers, int i) {
    return numbers[numbers.length == 1 ? 0 : i];
  }

  private static Term biased(
      NodeCall call, Term x, Linear linear, double[] shift, String source, Set<String> from) {
    float[] bias = new float[call.take(x.size())];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = (float) at(shift, i) + (linear.b() == null ? 0 : linear.b()[i]);
      if (!Float.isFinite(bias[i])) {
        throw call.refused("expected finite weights, found " + bias[i]);
      }
    }
    return new Term(
        new Linear(linear.w(), bias),
        x.of(),
        x.size(),
        joined(call, x.source(), source),
        NodeCall.union(x.from(), from));
  }

  /** With at least as many dimensions. */
  private static Signal aligned(NodeCall call, Signal signal, int rank) {
    if (rank > Axis.MAX_RANK) {
      throw call.refused("expected at most 16 dimensions, found " + rank);
    }
    List<Axis> axes = new ArrayList<>();
    for (int i = signal.axes().size(); i < rank; i++) {
      axes.add(call.walk().single());
    }
    axes.addAll(signal.axes());
    return signal.withAxes(axes);
  }

  /** The dimension that a constant with several numbers belongs to. */
  private static int placeOf(Signal x, OnnxTensor c) {
    int place = x.axes().size() - 1;
    for (int i = 0; i < c.rank(); i++) {
      if (c.shape()[i] > 1) {
        place = x.axes().size() - c.rank() + i;
      }
    }
    return place;
  }

  /** The numbers for each feature, if they are the same for every step and sequence. */
  private static float[] alongFeatures(NodeCall call, Signal x, OnnxTensor c) {
    int place = x.place(Axis.FEATURES) >= 0 ? x.place(Axis.FEATURES) : placeOf(x, c);
    int own = place - (x.axes().size() - c.rank());
    int n = own < 0 ? 1 : c.shape()[own];
    int inner = 1;
    for (int i = Math.max(0, own + 1); i < c.rank(); i++) {
      inner *= c.shape()[i];
    }
    for (int i = 0; i < c.rank(); i++) {
      Axis axis = x.axes().get(x.axes().size() - c.rank() + i);
      boolean grows = c.shape()[i] != 1 && axis.size() == 1 && axis.id() != Axis.FEATURES;
      if (i != own && grows) {
        throw call.unsupported("expected no repetition of what a layer computes");
      }
    }
    float[] numbers = new float[call.take(n)];
    for (int i = 0; i < c.length(); i++) {
      int feature = i / inner % n;
      if (i < inner * n && i % inner == 0) {
        numbers[feature] = c.floats()[i];
      } else if (numbers[feature] != c.floats()[i]) {
        throw call.unsupported("expected the same numbers for every step, found others in " + c);
      }
    }
    return numbers;
  }

  private static Signal ofTwo(NodeCall call, Signal one, Signal other) {
    int rank = Math.max(one.axes().size(), other.axes().size());
    Signal a = LinearNode.vector(call, aligned(call, one, rank));
    Signal b = LinearNode.vector(call, aligned(call, other, rank));
    if (a.term().input() != b.term().input()) {
      throw call.unsupported("expected two vectors of one sequence");
    }
    for (int i = 0; i < rank; i++) {
      Axis first = a.axes().get(i);
      Axis second = b.axes().get(i);
      boolean same = first.id() == second.id() && first.before() == second.before();
      if (!same && (first.size() != 1 || second.size() != 1)) {
        throw call.unsupported("expected two vectors of the same step");
      }
    }
    int size = Math.max(a.term().size(), b.term().size());
    boolean fits =
        a.term().size() == b.term().size() || Math.min(a.term().size(), b.term().size()) == 1;
    if (!fits) {
      throw call.refused(
          "expected vectors of one length, found " + a.term().size() + " and " + b.term().size());
    }
    Term both =
        call.op().equals("Add") || call.op().equals("Mul")
            ? Directions.joined(
                call, call.op().equals("Add") ? Join.ADD : Join.MULTIPLY, a.term(), b.term())
            : null;
    if (both != null) {
      return a.with(both);
    }
    Term term =
        new Term(new Op(call.op()), List.of(a.term(), b.term()), size, place(call), Set.of());
    return (a.term().size() == size ? a : b).with(Patterns.known(call, term));
  }
}
