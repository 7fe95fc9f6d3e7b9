package io.github.flinkrnn.formats.onnx;

import static io.github.flinkrnn.formats.onnx.NodeCall.union;

import io.github.flinkrnn.formats.onnx.Value.Aside;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Dense;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * The nodes above the recurrent layers: Gemm = alpha A B' + beta C, MatMul and Add, the activations
 * after them, and a softmax at the end (onnx.ai/onnx/operators).
 */
final class HeadNode {
  private static final int MAX_LAYERS = 100;

  private HeadNode() {}

  private static Flow flow(NodeCall call, int input) {
    if (call.required(input) instanceof Aside aside) {
      throw call.unsupported("expected the output of a layer, found " + aside.what());
    }
    if (!(call.required(input) instanceof Flow flow)) {
      throw call.unsupported("expected the output of a layer as input " + input);
    }
    if (flow.isInput()) {
      throw call.unsupported("expected after the recurrent layers, found before them");
    }
    if (flow.ending() != null) {
      throw call.unsupported("expected before " + flow.ending().place() + ", found after it");
    }
    if (!flow.endsInFeatures()) {
      throw call.unsupported("expected the features of a step as the last dimension");
    }
    if (flow.head().size() > MAX_LAYERS) {
      throw call.refused("expected at most 100 layers in the head, found 101");
    }
    return flow;
  }

  private static List<Axis> endingIn(Flow flow, int features) {
    List<Axis> axes = new ArrayList<>(flow.axes());
    axes.set(axes.size() - 1, Axis.features(features));
    return axes;
  }

  static Flow gemm(NodeCall call) {
    Flow flow = flow(call, 0);
    if (flow.axes().size() != 2 || call.integer("transA", 0) != 0) {
      throw call.unsupported("expected A to be a matrix of steps × features, not transposed");
    }
    Weights b = matrix(call, call.integer("transB", 0) != 0);
    FMatrixRMaj w = product(call, flow, b, call.attribute("alpha", Float.class, 1f));
    Set<String> from = b.from();
    String source = call.node().place() + ": " + call.weights(1, "B").tensor();
    float[] bias = null;
    if (call.optional(2) != null) {
      Weights c = call.weights(2, "C");
      bias = bias(call, c.tensor(), w.getNumRows(), call.attribute("beta", Float.class, 1f));
      from = union(from, c.from());
      source += ", " + c.tensor();
    }
    return flow.plus(
        new Dense(w, bias, Activation.IDENTITY, source, from), endingIn(flow, w.getNumRows()));
  }

  static Flow matMul(NodeCall call) {
    Flow flow = flow(call, 0);
    Weights b = matrix(call, false);
    FMatrixRMaj w = product(call, flow, b, 1);
    String source = call.node().place() + ": " + call.weights(1, "B").tensor();
    return flow.plus(
        new Dense(w, null, Activation.IDENTITY, source, b.from()), endingIn(flow, w.getNumRows()));
  }

  /** B as [out × in], which is its transpose. */
  private static Weights matrix(NodeCall call, boolean isTransposed) {
    Weights b = call.weights(1, "B");
    if (b.tensor().rank() != 2 || b.tensor().length() == 0) {
      throw call.refused("expected a matrix as B, found " + b.tensor());
    }
    return isTransposed ? b : ConstantNode.transpose(call, b, new int[] {1, 0});
  }

  private static FMatrixRMaj product(NodeCall call, Flow flow, Weights b, float alpha) {
    int[] shape = b.tensor().shape();
    if (shape[1] != flow.last().size()) {
      throw call.refused(
          "expected B for the " + flow.last().size() + " numbers of A, found " + shape[1]);
    }
    if (alpha == 1) {
      return FMatrixRMaj.wrap(shape[0], shape[1], b.tensor().floats());
    }
    float[] scaled = new float[call.take(b.tensor().length())];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = finite(call, alpha * b.tensor().floats()[i]);
    }
    return FMatrixRMaj.wrap(shape[0], shape[1], scaled);
  }

  /** beta C for every output. C has one number for each output, or one for all. */
  private static float[] bias(NodeCall call, OnnxTensor c, int outputs, float beta) {
    if ((c.length() != outputs && c.length() != 1) || (c.length() > 1 && c.last() != outputs)) {
      throw call.refused("expected a bias of " + outputs + " numbers, found " + c);
    }
    float[] bias = new float[call.take(outputs)];
    for (int i = 0; i < outputs; i++) {
      bias[i] = finite(call, beta * c.floats()[c.length() == 1 ? 0 : i]);
    }
    return bias;
  }

  private static float finite(NodeCall call, float number) {
    if (!Float.isFinite(number)) {
      throw call.refused("expected finite weights, found " + number);
    }
    return number;
  }

  static Flow add(NodeCall call) {
    int constant = call.required(0) instanceof Flow ? 1 : 0;
    Flow flow = flow(call, 1 - constant);
    if (flow.head().isEmpty() || lastActivation(flow) != Activation.IDENTITY) {
      throw call.unsupported("expected to add the bias of a product");
    }
    Weights c = call.weights(constant, "bias");
    Dense last = flow.head().get(flow.head().size() - 1);
    if (c.tensor().rank() > flow.axes().size()) {
      throw call.refused(
          "expected a bias with no more dimensions than the product, found " + c.tensor());
    }
    float[] bias = bias(call, c.tensor(), last.weights().getNumRows(), 1);
    String source = last.source() + ", " + c.tensor();
    int unused = call.take(source.length() + 16L * last.from().size());
    for (int i = 0; last.bias() != null && i < bias.length; i++) {
      bias[i] = finite(call, bias[i] + last.bias()[i]);
    }
    return replaceLast(
        flow,
        new Dense(last.weights(), bias, Activation.IDENTITY, source, union(last.from(), c.from())));
  }

  private static Activation lastActivation(Flow flow) {
    return flow.head().get(flow.head().size() - 1).activation();
  }

  static Flow replaceLast(Flow flow, Dense linear) {
    List<Dense> head = new ArrayList<>(flow.head());
    head.set(head.size() - 1, linear);
    return flow.withHead(head, flow.axes());
  }

  static Flow activation(NodeCall call, Activation g) {
    Flow flow = flow(call, 0);
    if (flow.head().isEmpty() || lastActivation(flow) != Activation.IDENTITY) {
      flow = unchanged(call, flow);
    }
    Dense last = flow.head().get(flow.head().size() - 1);
    return replaceLast(flow, last.with(g));
  }

  /** An identity layer, for an activation without a product before it. */
  static Flow unchanged(NodeCall call, Flow flow) {
    long n = flow.last().size();
    int unused = call.take(n * n);
    return flow.plus(
        new Dense(
            CommonOps_FDRM.identity((int) n),
            null,
            Activation.IDENTITY,
            "nothing but the layer below",
            Set.of()),
        flow.axes());
  }

  static Flow softmax(NodeCall call) {
    Flow flow = flow(call, 0);
    int rank = flow.axes().size();
    long axis = call.integer("axis", call.opset() < 13 ? 1 : -1);
    if (call.axis(axis, rank) != rank - 1) {
      throw call.unsupported("expected the last axis, the features, found axis " + axis);
    }
    return flow.endingWith(call.node());
  }
}
