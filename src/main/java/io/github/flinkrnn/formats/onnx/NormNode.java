package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Term.Scaled;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.LayerNorm;
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
    double[] scale = new double[call.take(4L * n) / 4];
    double[] shift = new double[n];
    for (int i = 0; i < 4; i++) {
      if (numbers[i].length != n) {
        throw call.refused("expected " + n + " numbers each, found " + numbers[i].length);
      }
    }
    for (int i = 0; i < n; i++) {
      scale[i] = numbers[0][i] / Math.sqrt(numbers[3][i] + (double) eps);
      shift[i] = numbers[1][i] - numbers[2][i] * scale[i];
      if (!Float.isFinite((float) scale[i]) || !Float.isFinite((float) shift[i])) {
        throw call.refused("expected variances above 0, found " + numbers[3][i]);
      }
    }
    return x.with(
        new Term(new Scaled(scale, shift), List.of(x.term()), n, source.toString(), from));
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
    return x.with(new Term(new Made(norm.type(), norm), List.of(x.term()), n, source, from));
  }

  private static Weights numbers(NodeCall call, int input, String what, int n) {
    Weights weights = call.weights(input, what);
    if (weights.tensor().length() != n) {
      throw call.refused("expected " + n + " numbers as " + what + ", found " + weights.tensor());
    }
    return weights;
  }
}
