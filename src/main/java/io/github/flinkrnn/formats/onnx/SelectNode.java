package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Value.Aside;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Filled;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Origin;
import io.github.flinkrnn.formats.onnx.Value.Sizes;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gather, Slice and OneHot: the rows of an embedding, and the last step of a sequence. On a stream,
 * each step is the last so far, so the output for the last step is the output for each.
 */
final class SelectNode {
  private static final long MAX_END = Integer.MAX_VALUE;

  private SelectNode() {}

  static Value gather(NodeCall call) {
    Value value = call.required(0);
    Value indices = call.required(1);
    if (value instanceof Weights table && indices instanceof Flow ids) {
      return embedded(call, table, ids);
    }
    if (value instanceof Filled || value instanceof Aside) {
      return value;
    }
    if (value instanceof Sizes
        || (value instanceof Weights weights && !weights.tensor().isFloat())) {
      long[] entries = ShapeNode.entries(value);
      boolean one = indices instanceof Weights at && at.tensor().length() == 1;
      if (entries == null || entries.length == 0 || !one) {
        return new Sizes(null);
      }
      return new Sizes(new long[] {entries[call.axis(call.constants(1)[0], entries.length)]});
    }
    long[] at = call.constants(1);
    if (value instanceof Weights weights) {
      int rows = atLeastOneDimension(call, weights);
      if (at.length != 1 || call.integer("axis", 0) != 0) {
        throw call.unsupported("expected one row of the constant");
      }
      int row = call.axis(at[0], rows);
      Weights part = ConstantNode.rows(call, weights, row, row + 1);
      List<Integer> shape = new ArrayList<>();
      for (int i = isScalar(call.required(1)) ? 1 : 0; i < part.tensor().rank(); i++) {
        shape.add(part.tensor().shape()[i]);
      }
      return ConstantNode.reshaped(part, shape);
    }
    Flow flow = (Flow) value;
    int axis = call.axis(call.integer("axis", 0), flow.axes().size());
    Axis of = flow.axes().get(axis);
    boolean last = at.length == 1 && (at[0] == -1 || (of.size() > 0 && at[0] == of.size() - 1));
    if (of.id() == Axis.FEATURES || !last || (of.size() != 1 && !isTime(flow, of))) {
      return ShapeNode.aside(call, flow);
    }
    List<Axis> axes = new ArrayList<>(flow.axes());
    if (isScalar(call.required(1))) {
      axes.remove(axis);
    } else {
      axes.set(axis, Axis.single(call.node().index(), axis));
    }
    return flow.withAxes(axes);
  }

  private static boolean isScalar(Value indices) {
    return indices instanceof Weights weights && weights.tensor().rank() == 0;
  }

  private static boolean isTime(Flow flow, Axis axis) {
    return !flow.isInput() && axis.id() == flow.timeAxis();
  }

  private static int atLeastOneDimension(NodeCall call, Weights weights) {
    if (weights.tensor().rank() == 0) {
      throw call.refused("expected at least one dimension, found a single number");
    }
    return weights.tensor().shape()[0];
  }

  private static Flow embedded(NodeCall call, Weights table, Flow ids) {
    OnnxTensor e = table.tensor();
    if (!ids.isInput() || ids.origin().takesIds() || !ids.origin().isWhole()) {
      throw call.unsupported("expected word ids, directly from a graph input, as indices");
    }
    if (!e.isFloat() || e.rank() != 2 || e.length() == 0 || call.integer("axis", 0) != 0) {
      throw call.refused("expected an embedding of words × numbers, found " + e);
    }
    List<Axis> axes = new ArrayList<>(ids.axes());
    axes.add(Axis.features(e.last()));
    return ids.with(new Origin(ids.origin().input(), true, e, 0, table.from()), axes);
  }

  static Value oneHot(NodeCall call) {
    if (!(call.required(0) instanceof Flow ids)
        || !ids.isInput()
        || ids.origin().takesIds()
        || !ids.origin().isWhole()) {
      throw call.unsupported("expected word ids, directly from a graph input, as indices");
    }
    long[] depth = call.constants(1);
    long axis = call.integer("axis", -1);
    if (depth.length != 1 || depth[0] < 1 || depth[0] > Integer.MAX_VALUE) {
      throw call.refused("expected the length of the vectors as input 1");
    }
    if (axis != -1 && axis != ids.axes().size()) {
      throw call.unsupported("expected the last axis, found axis " + axis);
    }
    if (!(call.required(2) instanceof Weights values) || !isOffOn(values.tensor())) {
      throw call.unsupported("expected constant values 0 and 1 as input 2");
    }
    List<Axis> axes = new ArrayList<>(ids.axes());
    axes.add(Axis.features(depth[0]));
    return ids.with(
        new Origin(ids.origin().input(), true, null, (int) depth[0], values.from()), axes);
  }

  private static boolean isOffOn(OnnxTensor values) {
    if (values.length() != 2) {
      return false;
    }
    return values.isFloat()
        ? values.floats()[0] == 0 && values.floats()[1] == 1
        : values.integers()[0] == 0 && values.integers()[1] == 1;
  }

  static Value slice(NodeCall call) {
    Value value = call.required(0);
    if (value instanceof Filled || value instanceof Aside) {
      return value;
    }
    if (value instanceof Sizes && !isConstant(call)) {
      return new Sizes(null);
    }
    long[] starts = call.integers("starts", 1);
    long[] ends = call.integers("ends", 2);
    long[] axes = call.integers("axes", 3);
    long[] steps = call.integers("steps", 4);
    if (starts == null
        || ends == null
        || starts.length != ends.length
        || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw call.refused("expected as many starts as ends, axes and steps");
    }
    for (int i = 0; i < starts.length; i++) {
      if (steps != null && steps[i] != 1) {
        throw call.unsupported("expected steps of 1, found " + steps[i]);
      }
      long axis = axes == null ? i : axes[i];
      value = sliced(call, value, axis, starts[i], ends[i]);
    }
    return value;
  }

  private static boolean isConstant(NodeCall call) {
    return call.inputs().stream()
        .skip(1)
        .allMatch(value -> value == null || value instanceof Weights);
  }

  private static Value sliced(NodeCall call, Value value, long axis, long start, long end) {
    if (value instanceof Weights weights) {
      return sliced(call, weights, axis, start, end);
    }
    if (value instanceof Flow flow) {
      return sliced(call, flow, axis, start, end);
    }
    if (value instanceof Sizes sizes && sizes.entries() != null) {
      int count = sizes.entries().length;
      int from = within(start, count);
      return new Sizes(
          Arrays.copyOfRange(sizes.entries(), from, Math.max(from, within(end, count))));
    }
    return value;
  }

  private static Value sliced(NodeCall call, Weights weights, long axis, long start, long end) {
    int rows = atLeastOneDimension(call, weights);
    if (call.axis(axis, weights.tensor().rank()) != 0) {
      throw call.unsupported("expected a part of the constant along axis 0, found axis " + axis);
    }
    return ConstantNode.rows(call, weights, within(start, rows), within(end, rows));
  }

  private static int within(long index, int size) {
    return (int) Math.max(0, Math.min(index < 0 ? index + size : index, size));
  }

  private static Value sliced(NodeCall call, Flow flow, long axis, long start, long end) {
    int place = call.axis(axis, flow.axes().size());
    Axis of = flow.axes().get(place);
    boolean toTheEnd = end >= MAX_END || (of.size() >= 0 && end >= of.size());
    if (toTheEnd && start == 0) {
      return flow;
    }
    boolean last = start == -1 || (of.size() > 0 && start == of.size() - 1);
    if (!toTheEnd || !last || !isTime(flow, of)) {
      return ShapeNode.aside(call, flow);
    }
    List<Axis> axes = new ArrayList<>(flow.axes());
    axes.set(place, Axis.single(call.node().index(), place));
    return flow.withAxes(axes);
  }
}
