package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Joined;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/**
 * Products with a constant matrix: Gemm = alpha A B' + beta C, and MatMul (onnx.ai/onnx/operators).
 */
final class LinearNode {
  private LinearNode() {}

  /**
   * The input of a layer, with its vectors along one dimension.
   *
   * @param place the dimension
   * @param size the length that the layer needs; 0 for any
   */
  static Signal vector(NodeCall call, Signal signal, int place, int size) {
    Term term = signal.term();
    if (term.kind() instanceof State state) {
      throw call.unsupported("expected the output of a layer, found " + state.what());
    }
    if (term.is(Term.SOFTMAX) || term.is(Term.LOG_SOFTMAX)) {
      throw call.unsupported("expected before " + term.source() + ", found after it");
    }
    if (signal.place(Axis.DIRECTIONS) >= 0) {
      throw call.unsupported("expected both directions of a layer in one vector, found them apart");
    }
    if (signal.axes().stream().anyMatch(axis -> axis.before() != 0)) {
      throw call.unsupported("expected a convolution after the padding");
    }
    if (signal.place(Axis.FEATURES) == place) {
      return signal;
    }
    Axis axis = signal.axes().get(place);
    List<Axis> axes = new ArrayList<>(signal.axes());
    if (term.size() == 0) {
      expectFloats(call, (Input) term.input().kind());
      int n = axis.isFree() ? size : axis.size();
      if (n == 0) {
        throw call.unsupported("expected a known number of features, found " + axis.size());
      }
      axes.set(place, Axis.features(n));
      return new Signal(call.walk().featuresAlong(term, axis, n), axes);
    }
    if (term.size() == 1 && axis.size() == 1 && signal.place(Axis.FEATURES) < 0) {
      axes.set(place, Axis.features(1));
      return signal.withAxes(axes);
    }
    throw call.unsupported("expected to keep the features of each step together");
  }

  /** The input of a layer that works on each number: any dimension may hold the features. */
  static Signal vector(NodeCall call, Signal signal) {
    int place = signal.place(Axis.FEATURES);
    int last = signal.axes().size() - 1;
    boolean isOneNumber = signal.term().size() == 1 && place < 0;
    if (last < 0 && !isOneNumber) {
      throw call.unsupported("expected at least one dimension, found a single number");
    }
    return isOneNumber ? signal : vector(call, signal, place < 0 ? last : place, 0);
  }

  private static void expectFloats(NodeCall call, Input input) {
    if (input.isWhole()) {
      throw call.refused(
          "expected floats, or ids of an embedding or of one-hot vectors, found integers in graph"
              + " input '"
              + input.name()
              + "'");
    }
    if (input.isPart()) {
      throw call.unsupported(
          "expected the whole sequence, found a part of graph input '" + input.name() + "'");
    }
  }

  static Value gemm(NodeCall call) {
    Signal signal = notJoined(call);
    if (signal.axes().size() != 2 || call.integer("transA", 0) != 0) {
      throw call.unsupported("expected A to be a matrix of steps × features, not transposed");
    }
    Weights b = matrix(call, call.integer("transB", 0) != 0);
    FMatrixRMaj w = scaled(call, b, call.number("alpha", 1));
    String source = call.node().place() + ": " + call.weights(1, "B").tensor();
    Signal product = product(call, signal, 1, w, source, b.from());
    float beta = call.number("beta", 1);
    if (call.optional(2) == null || beta == 0) {
      return product;
    }
    Weights c = call.weights(2, "C");
    if (beta == 1) {
      return ArithmeticNode.add(call, product, c);
    }
    float[] bias = new float[call.take(c.tensor().length())];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = finite(call, beta * c.tensor().floats()[i]);
    }
    OnnxTensor times = new OnnxTensor(c.tensor().name(), c.tensor().shape(), bias, null);
    return ArithmeticNode.add(call, product, new Weights(times, c.from()));
  }

  private static Signal notJoined(NodeCall call) {
    if (call.required(0) instanceof Joined) {
      throw call.unsupported("expected the last state of one layer");
    }
    return call.signal(0);
  }

  static Value matMul(NodeCall call) {
    Signal signal = notJoined(call);
    Weights b = matrix(call, false);
    FMatrixRMaj w = scaled(call, b, 1);
    String source = call.node().place() + ": " + call.weights(1, "B").tensor();
    return product(call, signal, signal.axes().size() - 1, w, source, b.from());
  }

  /** B as [out × in], which is its transpose. */
  private static Weights matrix(NodeCall call, boolean isTransposed) {
    Weights b = call.weights(1, "B");
    OnnxTensor tensor = b.tensor();
    int rank = tensor.rank();
    boolean isMatrix = rank >= 2 && tensor.length() > 0;
    for (int axis = 0; isMatrix && axis < rank - 2; axis++) {
      isMatrix = tensor.shape()[axis] == 1;
    }
    if (!isMatrix) {
      throw call.refused("expected a matrix as B, found " + tensor);
    }
    int[] shape = {tensor.shape()[rank - 2], tensor.last()};
    Weights plain = rank == 2 ? b : new Weights(tensor.reshaped(shape), b.from());
    return isTransposed ? plain : ConstantNode.transpose(call, plain, new int[] {1, 0});
  }

  private static FMatrixRMaj scaled(NodeCall call, Weights b, float alpha) {
    int[] shape = b.tensor().shape();
    if (alpha == 1) {
      return FMatrixRMaj.wrap(shape[0], shape[1], b.tensor().floats());
    }
    float[] scaled = new float[call.take(b.tensor().length())];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = finite(call, alpha * b.tensor().floats()[i]);
    }
    return FMatrixRMaj.wrap(shape[0], shape[1], scaled);
  }

  private static float finite(NodeCall call, float number) {
    if (!Float.isFinite(number)) {
      throw call.refused("expected finite weights, found " + number);
    }
    return number;
  }

  /** W x for the vectors along a dimension, which then has as many numbers as W has rows. */
  static Signal product(
      NodeCall call, Signal signal, int place, FMatrixRMaj w, String source, Set<String> from) {
    if (place < 0) {
      throw call.unsupported("expected at least one dimension, found a single number");
    }
    Signal x = vector(call, signal, place, w.getNumCols());
    if (x.term().size() != w.getNumCols()) {
      throw call.refused(
          "expected B for the " + x.term().size() + " numbers of A, found " + w.getNumCols());
    }
    List<Axis> axes = new ArrayList<>(x.axes());
    axes.set(place, Axis.features(w.getNumRows()));
    Term product = call.walk().linear(call, x.term(), new Linear(w, null), source, from);
    return new Signal(product, axes);
  }
}
