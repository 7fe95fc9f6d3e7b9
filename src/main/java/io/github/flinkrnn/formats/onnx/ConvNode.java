package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.CausalConvolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/**
 * A Conv of one dimension, over time: x [batch × in × time], W [out × in × k]. On a stream it must
 * be causal: padded by (k - 1) d zeros before the first step, and by none after the last one or by
 * as many as a later Slice cuts off.
 */
final class ConvNode {
  private ConvNode() {}

  static Signal of(NodeCall call) {
    Weights weights = call.weights(1, "W");
    OnnxTensor w = weights.tensor();
    Signal signal = call.signal(0);
    if (w.rank() != 3 || signal.axes().size() != 3 || w.length() == 0) {
      throw call.unsupported("expected a convolution over one dimension, found W " + w);
    }
    int out = w.shape()[0];
    int taps = w.shape()[2];
    long group = call.integer("group", 1);
    if (group < 1 || out % group != 0 || group > out) {
      throw call.refused("expected a divisor of " + out + " as group, found " + group);
    }
    long stride = single(call, "strides");
    long dilation = single(call, "dilations");
    if (stride != 1 || dilation < 1 || dilation > 1 << 20) {
      throw call.unsupported("expected stride 1, found " + stride);
    }
    int in = (int) Math.min(Integer.MAX_VALUE, w.shape()[1] * group);
    Signal x = atConvolution(call, signal, in);
    Axis time = x.axes().get(2);
    call.walk().expectTime(call, time);
    Axis after = output(call, time, (int) Math.min(Integer.MAX_VALUE, (taps - 1) * dilation));
    List<Axis> axes = new ArrayList<>(x.axes());
    axes.set(1, Axis.features(out));
    axes.set(2, after);
    float[] dense = dense(call, w, (int) group, in);
    float[] bias = null;
    String source = call.node().place() + ": " + w;
    Set<String> from = weights.from();
    if (call.optional(2) != null) {
      Weights b = call.weights(2, "B");
      bias = b.tensor().floats();
      if (bias.length != out) {
        throw call.refused("expected a bias of " + out + " numbers, found " + b.tensor());
      }
      source += ", " + b.tensor();
      from = NodeCall.union(from, b.from());
    }
    return new Signal(term(call, x.term(), dense, bias, out, taps, dilation, source, from), axes);
  }

  // The padding before the first step is what this node takes, so it may be there.
  private static Signal atConvolution(NodeCall call, Signal signal, int in) {
    List<Axis> plain = new ArrayList<>(signal.axes());
    Axis time = plain.get(2);
    plain.set(2, Axis.of(time.id(), time.size(), time.isFree()));
    Signal x = LinearNode.vector(call, signal.withAxes(plain), 1, in);
    if (x.term().size() != in) {
      throw call.refused("expected W for " + x.term().size() + " inputs, found " + in);
    }
    List<Axis> padded = new ArrayList<>(x.axes());
    padded.set(2, time);
    return x.withAxes(padded);
  }

  private static long single(NodeCall call, String attribute) {
    long[] given = call.attribute(attribute, long[].class, new long[] {1});
    if (given.length != 1) {
      throw call.refused("expected one number as " + attribute + ", found " + given.length);
    }
    return given[0];
  }

  /** The dimension of time after the convolution, which looks back this many steps. */
  private static Axis output(NodeCall call, Axis time, int lookBack) {
    long[] pads = call.attribute("pads", long[].class, new long[] {0, 0});
    String auto = call.attribute("auto_pad", String.class, "NOTSET");
    boolean isSame = auto.startsWith("SAME");
    boolean fits = pads.length == 2 && pads[0] >= 0 && pads[1] >= 0 && time.size() < 1 << 28;
    if (!fits || pads[0] > 1 << 20 || pads[1] > 1 << 20) {
      throw call.refused("expected two pads, found " + Arrays.toString(pads));
    }
    if (isSame) {
      int less = lookBack / 2;
      int more = lookBack - less;
      boolean isUpper = auto.equals("SAME_UPPER");
      pads = new long[] {isUpper ? less : more, isUpper ? more : less};
    }
    if (time.size() + pads[0] + pads[1] <= lookBack) {
      throw call.unsupported("expected a sequence longer than the convolution looks back");
    }
    Axis after = time.padded((int) pads[0] - lookBack, (int) pads[1]);
    if (after.before() < 0 && after.after() > 0) {
      throw call.refused(
          "expected a causal convolution, found one that reads "
              + after.after()
              + " future tokens");
    }
    if (after.before() < 0) {
      throw call.unsupported(
          "expected " + lookBack + " zeros before the first step, so that each step has an output");
    }
    return after;
  }

  /** W for all inputs, with zeros for those of other groups. */
  private static float[] dense(NodeCall call, OnnxTensor w, int group, int in) {
    if (group == 1) {
      return w.floats();
    }
    int out = w.shape()[0];
    int own = w.shape()[1] * w.shape()[2];
    int taps = w.shape()[2];
    float[] dense = new float[ConstantNode.length(call, out, in, taps)];
    for (int o = 0; o < out; o++) {
      int offset = o / (out / group) * own;
      System.arraycopy(w.floats(), o * own, dense, o * in * taps + offset, own);
    }
    return dense;
  }

  private static Term term(
      NodeCall call,
      Term x,
      float[] w,
      float[] bias,
      int out,
      int taps,
      long dilation,
      String source,
      Set<String> from) {
    int in = x.size();
    if (taps == 1) {
      Linear linear = new Linear(FMatrixRMaj.wrap(out, in, w), bias);
      return new Term(linear, List.of(x), out, source, from);
    }
    long state = CausalConvolution.stateSize(out, in, taps, (int) dilation);
    if (state > CausalConvolution.MAX_STATE) {
      throw call.refused(
          "expected at most " + CausalConvolution.MAX_STATE + " numbers of state, found " + state);
    }
    int unused = call.take(2L * w.length);
    CausalConvolution layer =
        new CausalConvolution(w, out, in, taps, (int) dilation, bias, call.walk().kernel());
    return new Term(new Made(layer), List.of(x), out, source, from);
  }
}
