package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Activated;
import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Term.Op;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Ramp;
import io.github.flinkrnn.layer.ScaledElu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Functions of each number, and the softmax of a vector. */
final class ActivationNode {
  private static final Map<String, Activation> PLAIN =
      Map.of(
          "Relu", Activation.RELU,
          "Tanh", Activation.TANH,
          "Sigmoid", Activation.SIGMOID,
          "Softplus", Activation.SOFTPLUS,
          "LeakyRelu", Activation.LEAKY_RELU,
          "Elu", Activation.ELU,
          "Softsign", Activation.SOFTSIGN,
          "Mish", Activation.MISH,
          "HardSwish", Activation.HARD_SILU);

  private ActivationNode() {}

  static Signal of(NodeCall call) {
    Signal x = LinearNode.vector(call, call.signal(0));
    int n = x.term().size();
    float alpha = call.number("alpha", call.op().equals("LeakyRelu") ? 0.01f : 1);
    if (call.op().equals("LeakyRelu") && alpha != 0.01f) {
      float[] slope = {alpha};
      return x.with(made(call, x.term(), new Ramp(n, slope, 0, Float.POSITIVE_INFINITY)));
    }
    if (call.op().equals("Elu") && alpha != 1) {
      return x.with(made(call, x.term(), new ScaledElu(n, alpha)));
    }
    Activation g =
        switch (call.op()) {
          case "Swish" -> expected(call, "alpha", 1, Activation.SILU);
          case "HardSigmoid" ->
              hardSigmoid(call, call.number("alpha", 0.2f), call.number("beta", 0.5f));
          case "Gelu" ->
              call.attribute("approximate", String.class, "none").equals("tanh")
                  ? Activation.GELU_TANH
                  : Activation.GELU;
          default -> PLAIN.get(call.op());
        };
    Term step = UnrolledCell.step(call, g, x.term());
    return x.with(step == null ? activated(call, g, x.term()) : step);
  }

  private static Term made(NodeCall call, Term x, Layer layer) {
    return new Term(new Made(layer), List.of(x), x.size(), call.node().place(), Set.of());
  }

  /** A Clip from 0 to 6 or from -1 to 1. */
  static Signal clip(NodeCall call) {
    float low = bound(call, "min", 1, Float.NEGATIVE_INFINITY);
    float high = bound(call, "max", 2, Float.POSITIVE_INFINITY);
    Activation g = null;
    if (low == 0) {
      g = high == 6 ? Activation.RELU6 : high > Float.MAX_VALUE / 2 ? Activation.RELU : null;
    } else if (low == -1 && high == 1) {
      g = Activation.HARD_TANH;
    }
    if (g == null) {
      throw call.unsupported(
          "expected bounds 0 and 6, 0 and none, or -1 and 1, found " + low + " and " + high);
    }
    Signal x = LinearNode.vector(call, call.signal(0));
    return x.with(activated(call, g, x.term()));
  }

  private static float bound(NodeCall call, String name, int input, float otherwise) {
    if (call.optional(input) == null) {
      return call.number(name, otherwise);
    }
    float[] bound = call.weights(input, name).tensor().floats();
    if (bound.length != 1) {
      throw call.refused("expected one number as " + name + ", found " + bound.length);
    }
    return bound[0];
  }

  static Term activated(NodeCall call, Activation g, Term x) {
    return new Term(new Activated(g), List.of(x), x.size(), call.node().place(), Set.of());
  }

  private static Activation expected(NodeCall call, String name, double value, Activation g) {
    float found = call.number(name, (float) value);
    if (found != (float) value) {
      throw call.unsupported("expected " + name + " " + value + ", found " + found);
    }
    return g;
  }

  static Activation hardSigmoid(NodeCall call, float alpha, float beta) {
    if (beta != 0.5f || (alpha != 0.2f && Math.abs(alpha - 1 / 6.0) > 1e-6)) {
      throw call.unsupported(
          "expected alpha 0.2 or 1/6 and beta 0.5, found " + alpha + " and " + beta);
    }
    return alpha == 0.2f ? Activation.HARD_SIGMOID_FIFTH : Activation.HARD_SIGMOID_SIXTH;
  }

  static Signal softmax(NodeCall call) {
    Signal x = LinearNode.vector(call, call.signal(0));
    int rank = x.axes().size();
    long axis = call.integer("axis", call.walk().opset() < 13 ? 1 : -1);
    int place = call.axis(axis, rank);
    if (place != x.place(Axis.FEATURES) || (call.walk().opset() < 13 && place != rank - 1)) {
      throw call.unsupported("expected the last axis, the features, found axis " + axis);
    }
    return x.with(
        new Term(
            new Op(call.op()), List.of(x.term()), x.term().size(), call.node().place(), Set.of()));
  }

  /** Whether x is above 20, where softplus is x. */
  static Signal above(NodeCall call) {
    if (call.required(1) instanceof Weights weights
        && weights.tensor().isFloat()
        && weights.tensor().length() == 1
        && weights.tensor().floats()[0] == 20) {
      return ArithmeticNode.piece(call, call.signal(0), "Above20");
    }
    throw call.unsupported("expected arithmetic on shapes, or an operator of a built-in layer");
  }

  /** Softplus as torch.onnx writes it: x above 20, else ln(1 + e^x). */
  static Signal where(NodeCall call) {
    Signal isAbove = call.signal(0);
    Term x = LinearNode.vector(call, call.signal(1)).term();
    Signal otherwise = call.signal(2);
    boolean isSoftplus =
        isAbove.term().is("Above20")
            && isAbove.term().x() == x
            && otherwise.term().is(Activation.SOFTPLUS)
            && otherwise.term().x() == x;
    if (!isSoftplus) {
      throw call.unsupported("expected arithmetic on shapes, or an operator of a built-in layer");
    }
    return otherwise;
  }

  /** The mean of the numbers of a vector, a piece of a layer norm. */
  static Signal mean(NodeCall call) {
    Signal x = LinearNode.vector(call, call.signal(0));
    long[] axes = call.integers("axes", 1);
    int place = x.place(Axis.FEATURES);
    boolean isOfFeatures =
        axes != null && axes.length == 1 && call.axis(axes[0], x.axes().size()) == place;
    if (!isOfFeatures || call.integer("keepdims", 1) == 0) {
      throw call.unsupported(
          "expected the mean of the features of each step, with keepdims, found one over others");
    }
    List<Axis> kept = new ArrayList<>(x.axes());
    kept.set(place, Axis.features(1));
    Term mean = new Term(new Op("Mean"), List.of(x.term()), 1, call.node().place(), Set.of());
    return new Signal(mean, kept);
  }
}
