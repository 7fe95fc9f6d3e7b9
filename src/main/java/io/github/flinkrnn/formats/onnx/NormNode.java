package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.ScaleShift;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** BatchNormalization, LayerNormalization and RMSNormalization (onnx.ai/onnx/operators). */
final class NormNode {
  private NormNode() {}

  static Signal batch(NodeCall call) {
    if (call.integer("training_mode", 0) != 0 || call.integer("spatial", 1) == 0) {
      throw call.refused("expected a model exported for inference, found training mode");
    }
    Signal signal = call.signal(0);
    if (signal.axes().isEmpty()) {
      throw call.refused("expected at least one dimension, found a single number");
    }
    float[][] numbers = new float[4][]; // scale, B, mean, variance
    Set<String> from = new TreeSet<>();
    StringBuilder source = new StringBuilder(call.node().place() + ":");
    for (int i = 0; i < 4; i++) {
      Weights weights = call.weights(i + 1, List.of("scale", "B", "mean", "var").get(i));
      numbers[i] = weights.tensor().floats();
      from.addAll(weights.from());
      source.append(i == 0 ? " " : ", ").append(weights.tensor());
    }
    int place = Math.min(1, signal.axes().size() - 1);
    Signal x = LinearNode.vector(call, signal, place, numbers[0].length);
    int n = x.term().size();
    float eps = call.number("epsilon", 1e-5f);
    int unused = call.take(4L * n);
    for (float[] each : numbers) {
      if (each.length != n) {
        throw call.refused("expected " + n + " numbers each, found " + each.length);
      }
    }
    ScaleShift norm = ScaleShift.ofBatchNorm(numbers[2], numbers[3], eps, numbers[0], numbers[1]);
    if (!norm.isFinite()) {
      throw call.refused("expected variances whose quotients are finite float32 numbers");
    }
    return x.with(new Term(new Made(norm), List.of(x.term()), n, source.toString(), from));
  }

  static Signal layer(NodeCall call) {
    boolean isCentred = call.op().equals("LayerNormalization");
    Signal x = LinearNode.vector(call, call.signal(0));
    int place = call.axis(call.integer("axis", -1), x.axes().size());
    if (place != x.place(Axis.FEATURES) || place != x.axes().size() - 1) {
      throw call.unsupported("expected the last axis, the features, found axis " + place);
    }
    int n = x.term().size();
    float eps = call.number("epsilon", 1e-5f);
    Weights weight = numbers(call, 1, "scale", n);
    Weights bias = isCentred && call.optional(2) != null ? numbers(call, 2, "B", n) : null;
    LayerNorm norm =
        new LayerNorm(
            n,
            isCentred,
            eps,
            weight.tensor().floats(),
            bias == null ? null : bias.tensor().floats());
    String source = call.node().place() + ": " + weight.tensor();
    source += bias == null ? "" : ", " + bias.tensor();
    Set<String> from = bias == null ? weight.from() : NodeCall.union(weight.from(), bias.from());
    return x.with(new Term(new Made(norm), List.of(x.term()), n, source, from));
  }

  private static Weights numbers(NodeCall call, int input, String what, int n) {
    Weights weights = call.weights(input, what);
    if (weights.tensor().length() != n) {
      throw call.refused("expected " + n + " numbers as " + what + ", found " + weights.tensor());
    }
    return weights;
  }
}
