package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Arithmetic on constants: the sizes that exporters compute in the graph, and weights that they
 * left unfolded. Floats are computed in double and rounded once.
 */
final class ConstantMath {
  private static final Map<String, DoubleBinaryOperator> OF_FLOATS =
      Map.ofEntries(
          Map.entry("Add", (a, b) -> a + b),
          Map.entry("Sub", (a, b) -> a - b),
          Map.entry("Mul", (a, b) -> a * b),
          Map.entry("Div", (a, b) -> a / b),
          Map.entry("Pow", Math::pow),
          Map.entry("Min", Math::min),
          Map.entry("Max", Math::max));
  private static final Map<String, LongBinaryOperator> OF_INTEGERS =
      Map.ofEntries(
          Map.entry("Add", (a, b) -> a + b),
          Map.entry("Sub", (a, b) -> a - b),
          Map.entry("Mul", (a, b) -> a * b),
          Map.entry("Div", (a, b) -> b == 0 ? 0 : a / b),
          Map.entry("Mod", (a, b) -> b == 0 ? 0 : Math.floorMod(a, b)),
          Map.entry("Min", Math::min),
          Map.entry("Max", Math::max),
          Map.entry("And", (a, b) -> a & b),
          Map.entry("Or", (a, b) -> a | b));
  private static final Map<String, DoubleBinaryOperator> COMPARISONS =
      Map.of(
          "Equal", (a, b) -> a == b ? 1 : 0,
          "Less", (a, b) -> a < b ? 1 : 0,
          "Greater", (a, b) -> a > b ? 1 : 0,
          "LessOrEqual", (a, b) -> a <= b ? 1 : 0,
          "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
  private static final Map<String, DoubleUnaryOperator> OF_A_FLOAT =
      Map.of(
          "Neg", a -> -a,
          "Abs", Math::abs,
          "Sqrt", Math::sqrt,
          "Exp", Math::exp,
          "Log", Math::log,
          "Reciprocal", a -> 1 / a,
          "Floor", Math::floor,
          "Ceil", Math::ceil);
  private static final Map<String, LongUnaryOperator> OF_AN_INTEGER =
      Map.of("Neg", a -> -a, "Abs", Math::abs, "Not", a -> a == 0 ? 1 : 0);

  private final NodeCall call;

  private ConstantMath(NodeCall call) {
    this.call = call;
  }

  /** The result, or null for an operator that computes nothing of constants here. */
  static Weights compute(NodeCall call) {
    return new ConstantMath(call).result();
  }

  private Weights result() {
    return switch (call.op()) {
      case "MatMul" -> matMul(input(0), input(1), 1);
      case "Gemm" -> gemm();
      case "Where" -> where();
      case "Range" -> range();
      case "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin" -> reduce();
      default -> elementwise();
    };
  }

  private Weights input(int input) {
    if (call.required(input) instanceof Weights weights && !weights.tensor().isOpaque()) {
      return weights;
    }
    throw call.unsupported("expected constant numbers as input " + input);
  }

  private Weights elementwise() {
    String op = call.op();
    if (call.inputs().size() == 1) {
      Weights a = input(0);
      return a.tensor().isFloat() && OF_A_FLOAT.containsKey(op)
          ? floats(a, OF_A_FLOAT.get(op))
          : !a.tensor().isFloat() && OF_AN_INTEGER.containsKey(op)
              ? integers(a, OF_AN_INTEGER.get(op))
              : null;
    }
    if (!OF_FLOATS.containsKey(op)
        && !OF_INTEGERS.containsKey(op)
        && !COMPARISONS.containsKey(op)) {
      return null;
    }
    Weights result = input(0);
    for (int i = 1; i < call.inputs().size(); i++) {
      Weights b = input(i);
      if (result.tensor().isFloat() != b.tensor().isFloat()) {
        throw call.refused("expected numbers of one type, found floats and integers");
      }
      int[] shape = ConstantNode.broadcast(call, result.tensor().shape(), b.tensor().shape());
      result =
          pairs(
              ConstantNode.expand(call, result, shape),
              ConstantNode.expand(call, b, shape),
              OF_FLOATS.get(op),
              OF_INTEGERS.get(op),
              COMPARISONS.get(op));
    }
    return result;
  }

  private Weights pairs(
      Weights a,
      Weights b,
      DoubleBinaryOperator ofFloats,
      LongBinaryOperator ofIntegers,
      DoubleBinaryOperator comparison) {
    OnnxTensor one = a.tensor();
    OnnxTensor other = b.tensor();
    boolean isFloat = one.isFloat();
    float[] floats = isFloat && comparison == null ? new float[one.length()] : null;
    long[] integers = floats == null ? new long[one.length()] : null;
    if (comparison == null && (isFloat ? ofFloats == null : ofIntegers == null)) {
      return null;
    }
    for (int i = 0; i < one.length(); i++) {
      if (floats != null) {
        floats[i] = finite(ofFloats.applyAsDouble(one.floats()[i], other.floats()[i]));
      } else if (comparison != null) {
        integers[i] =
            (long)
                (isFloat
                    ? comparison.applyAsDouble(one.floats()[i], other.floats()[i])
                    : comparison.applyAsDouble(
                        Long.compare(one.integers()[i], other.integers()[i]), 0));
      } else {
        integers[i] = ofIntegers.applyAsLong(one.integers()[i], other.integers()[i]);
      }
    }
    return made(one.shape(), floats, integers, NodeCall.union(a.from(), b.from()));
  }

  private Weights floats(Weights a, DoubleUnaryOperator of) {
    float[] floats = new float[call.take(a.tensor().length())];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = finite(of.applyAsDouble(a.tensor().floats()[i]));
    }
    return made(a.tensor().shape(), floats, null, a.from());
  }

  private Weights integers(Weights a, LongUnaryOperator of) {
    long[] integers = new long[call.take(2L * a.tensor().length()) / 2];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = of.applyAsLong(a.tensor().integers()[i]);
    }
    return made(a.tensor().shape(), null, integers, a.from());
  }

  private float finite(double number) {
    if (!Float.isFinite((float) number)) {
      throw call.refused("expected finite weights, found " + (float) number);
    }
    return (float) number;
  }

  private Weights made(int[] shape, float[] floats, long[] integers, Set<String> from) {
    String name = call.node().outputs().isEmpty() ? "" : call.node().outputs().get(0);
    return new Weights(new OnnxTensor(name, shape, floats, integers), from);
  }

  private Weights where() {
    Weights condition = input(0);
    int[] values =
        ConstantNode.broadcast(call, input(1).tensor().shape(), input(2).tensor().shape());
    int[] shape = ConstantNode.broadcast(call, condition.tensor().shape(), values);
    OnnxTensor isTrue = ConstantNode.expand(call, condition, shape).tensor();
    OnnxTensor one = ConstantNode.expand(call, input(1), shape).tensor();
    OnnxTensor other = ConstantNode.expand(call, input(2), shape).tensor();
    if (isTrue.isFloat() || one.isFloat() != other.isFloat()) {
      throw call.refused("expected a condition and two values of one type");
    }
    float[] floats = one.isFloat() ? one.floats().clone() : null;
    long[] integers = one.isFloat() ? null : one.integers().clone();
    for (int i = 0; i < isTrue.length(); i++) {
      if (isTrue.integers()[i] == 0 && floats != null) {
        floats[i] = other.floats()[i];
      } else if (isTrue.integers()[i] == 0) {
        integers[i] = other.integers()[i];
      }
    }
    Set<String> from = NodeCall.union(input(1).from(), input(2).from());
    return made(shape, floats, integers, NodeCall.union(from, condition.from()));
  }

  private Weights range() {
    long[] limits = new long[3];
    for (int i = 0; i < 3; i++) {
      long[] number = call.constants(i);
      if (number.length != 1) {
        throw call.refused("expected three numbers");
      }
      limits[i] = number[0];
    }
    if (limits[2] == 0) {
      throw call.refused("expected a step other than 0");
    }
    long count = Math.max(0, -Math.floorDiv(limits[0] - limits[1], limits[2]));
    long[] numbers = new long[call.take(2 * count) / 2];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = limits[0] + i * limits[2];
    }
    return made(new int[] {numbers.length}, null, numbers, Set.of());
  }

  /** Of all numbers of an array, as exporters write it for sizes. */
  private Weights reduce() {
    long[] axes = call.integers("axes", 1);
    Weights of = input(0);
    if (of.tensor().isFloat() || of.tensor().rank() > 1 || (axes != null && axes.length > 1)) {
      throw call.unsupported("expected an array of sizes");
    }
    long result = call.op().equals("ReduceProd") ? 1 : 0;
    long[] numbers = of.tensor().integers();
    for (int i = 0; i < numbers.length; i++) {
      result =
          switch (call.op()) {
            case "ReduceProd" -> result * numbers[i];
            case "ReduceSum" -> result + numbers[i];
            case "ReduceMax" -> i == 0 ? numbers[i] : Math.max(result, numbers[i]);
            default -> i == 0 ? numbers[i] : Math.min(result, numbers[i]);
          };
    }
    boolean keeps = call.integer("keepdims", 1) != 0 && of.tensor().rank() == 1;
    return made(keeps ? new int[] {1} : new int[0], null, new long[] {result}, of.from());
  }

  private Weights gemm() {
    Weights a = transposed(input(0), call.integer("transA", 0) != 0);
    Weights b = transposed(input(1), call.integer("transB", 0) != 0);
    Weights product = matMul(a, b, call.number("alpha", 1));
    if (call.optional(2) == null) {
      return product;
    }
    float beta = call.number("beta", 1);
    Weights c = ConstantNode.expand(call, input(2), product.tensor().shape());
    return pairs(product, c, (x, y) -> x + beta * y, null, null);
  }

  private Weights transposed(Weights matrix, boolean isTransposed) {
    return isTransposed && matrix.tensor().rank() == 2
        ? ConstantNode.transpose(call, matrix, new int[] {1, 0})
        : matrix;
  }

  /** A [… × n], B [n × m] or with leading dimensions of 1. */
  private Weights matMul(Weights a, Weights b, float alpha) {
    OnnxTensor left = a.tensor();
    OnnxTensor right = b.tensor();
    int n = left.last();
    int m = right.last();
    boolean fits =
        left.isFloat() && right.isFloat() && left.rank() > 0 && right.rank() > 1 && n > 0 && m > 0;
    if (!fits || right.length() != (long) n * m) {
      throw call.unsupported("expected constants A [… × n] and B [n × m]");
    }
    int[] shape = left.shape().clone();
    shape[shape.length - 1] = m;
    float[] product = new float[ConstantNode.length(call, shape)];
    call.walk().compute(call, (long) product.length * n);
    for (int row = 0; row < product.length / m; row++) {
      for (int column = 0; column < m; column++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += (double) left.floats()[row * n + i] * right.floats()[i * m + column];
        }
        product[row * m + column] = finite(alpha * sum);
      }
    }
    return made(shape, product, null, new TreeSet<>(NodeCall.union(a.from(), b.from())));
  }
}
