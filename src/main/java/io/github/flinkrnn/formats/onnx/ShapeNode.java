package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Value.Aside;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Filled;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Sizes;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes that move dimensions and numbers. Between the input and the output they must keep the
 * features of each step together; else the graph is not supported.
 */
final class ShapeNode {
  private ShapeNode() {}

  static Value transpose(NodeCall call) {
    Value value = call.required(0);
    if (value instanceof Filled || value instanceof Aside) {
      return value;
    }
    int rank = rank(call, value);
    long[] given = call.attribute("perm", long[].class, null);
    int[] permutation = new int[rank];
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < rank; i++) {
      boolean there = given == null || (given.length == rank && given[i] >= 0 && given[i] < rank);
      permutation[i] = given == null ? rank - 1 - i : there ? (int) given[i] : -1;
      if (!there || !seen.add(permutation[i])) {
        throw call.refused(
            "expected perm for " + rank + " dimensions, found " + Arrays.toString(given));
      }
    }
    if (value instanceof Flow flow) {
      return flow.withAxes(Arrays.stream(permutation).mapToObj(flow.axes()::get).toList());
    }
    return ConstantNode.transpose(call, (Weights) value, permutation);
  }

  private static int rank(NodeCall call, Value value) {
    if (value instanceof Flow flow) {
      return flow.axes().size();
    }
    if (value instanceof Weights weights) {
      return weights.tensor().rank();
    }
    throw call.unsupported("expected a constant or the sequence, found sizes computed from shapes");
  }

  static Value unsqueeze(NodeCall call) {
    Value value = call.required(0);
    if (!(value instanceof Flow) && !(value instanceof Weights)) {
      return value;
    }
    long[] axes = call.integers("axes", 1);
    if (axes == null || axes.length > 8) {
      throw call.refused("expected at most 8 axes");
    }
    int rank = rank(call, value) + axes.length;
    if (rank > Axis.MAX_RANK) {
      throw call.refused("expected at most 16 dimensions, found " + rank);
    }
    Set<Integer> added = new HashSet<>();
    for (long axis : axes) {
      if (!added.add(call.axis(axis, rank))) {
        throw call.refused("expected distinct axes, found axis " + axis + " twice");
      }
    }
    if (value instanceof Weights weights) {
      List<Integer> shape = new ArrayList<>();
      for (int i = 0, from = 0; i < rank; i++) {
        shape.add(added.contains(i) ? 1 : weights.tensor().shape()[from++]);
      }
      return ConstantNode.reshaped(weights, shape);
    }
    List<Axis> all = new ArrayList<>();
    for (int i = 0, from = 0; i < rank; i++) {
      boolean isNew = added.contains(i);
      all.add(isNew ? Axis.single(call.node().index(), i) : ((Flow) value).axes().get(from++));
    }
    return ((Flow) value).withAxes(all);
  }

  static Value squeeze(NodeCall call) {
    Value value = call.required(0);
    if (!(value instanceof Flow) && !(value instanceof Weights)) {
      return value;
    }
    int rank = rank(call, value);
    long[] axes = call.integers("axes", 1);
    Set<Integer> dropped = new HashSet<>();
    for (int i = 0; axes == null && i < rank; i++) {
      long size =
          value instanceof Flow flow
              ? flow.axes().get(i).size()
              : ((Weights) value).tensor().shape()[i];
      if (size == 1) {
        dropped.add(i);
      }
    }
    for (int i = 0; axes != null && i < axes.length; i++) {
      dropped.add(call.axis(axes[i], rank));
    }
    if (value instanceof Weights weights) {
      List<Integer> shape = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        int size = weights.tensor().shape()[i];
        if (!dropped.contains(i)) {
          shape.add(size);
        } else if (size != 1) {
          throw call.refused("expected a dimension of 1 to drop, found " + size);
        }
      }
      return ConstantNode.reshaped(weights, shape);
    }
    Flow flow = (Flow) value;
    List<Axis> kept = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Axis axis = flow.axes().get(i);
      // A batch of unknown size can be dropped, because a run with any size but 1 would fail.
      boolean batch = axis.size() < 0 && !flow.isInput() && axis.id() != flow.timeAxis();
      if (!dropped.contains(i)) {
        kept.add(axis);
      } else if (axis.id() == Axis.FEATURES || (axis.size() != 1 && !batch)) {
        throw call.unsupported("expected to drop only a batch or a dimension of 1");
      }
    }
    return flow.withAxes(kept);
  }

  static Value reshape(NodeCall call) {
    Value value = call.required(0);
    if (!(value instanceof Flow) && !(value instanceof Weights)) {
      return value;
    }
    long[] target = entries(call.required(1));
    if (target == null || target.length > Axis.MAX_RANK || call.integer("allowzero", 0) != 0) {
      throw call.unsupported(
          "expected a constant shape of at most 16 dimensions, without allowzero");
    }
    if (value instanceof Weights weights) {
      return ConstantNode.reshape(call, weights, target);
    }
    Flow flow = (Flow) value;
    List<Axis> axes = flow.axes();
    List<Axis> reshaped = new ArrayList<>();
    int copied = 0;
    while (copied < target.length - 1 && copied < axes.size() - 1 && target[copied] == 0) {
      reshaped.add(axes.get(copied++));
    }
    for (int i = copied; i < target.length - 1; i++) {
      reshaped.add(Axis.MIXED);
    }
    long last = target.length == 0 ? 0 : target[target.length - 1];
    long n = flow.last().size();
    // Rows stay rows if their length is kept, or if only dimensions of 1 are merged.
    boolean onlyOnes = copied == target.length - 1;
    for (int i = copied; i < axes.size() - 1; i++) {
      onlyOnes &= axes.get(i).size() == 1;
    }
    if (!flow.endsInFeatures() || (last != n && !(last == -1 && onlyOnes))) {
      throw call.unsupported("expected to keep the features of each step together");
    }
    reshaped.add(Axis.features(n));
    return flow.withAxes(reshaped);
  }

  /** The integers of a value, or null. */
  static long[] entries(Value value) {
    if (value instanceof Sizes sizes) {
      return sizes.entries();
    }
    return value instanceof Weights weights && !weights.tensor().isFloat()
        ? weights.tensor().integers()
        : null;
  }

  static Value expand(NodeCall call) {
    Value value = call.required(0);
    if (value instanceof Weights weights && weights.tensor().isFloat()) {
      // Repeats a row: the same state for every sequence of a batch.
      return weights.tensor().length() == 1
          ? new Filled(weights.tensor().floats()[0], weights.from())
          : weights;
    }
    if (value instanceof Weights || value instanceof Sizes) {
      return new Sizes(null);
    }
    return value instanceof Flow flow ? aside(call, flow) : value;
  }

  /** A part of an input. Computed values cannot be split. */
  static Value aside(NodeCall call, Flow flow) {
    if (!flow.isInput() || flow.origin().takesIds()) {
      throw call.unsupported("expected only the last step of what the layers compute");
    }
    return new Aside(flow.origin().input(), "a part of graph input " + flow.origin().input());
  }

  static Value shape(NodeCall call) {
    Value value = call.required(0);
    boolean whole = call.node().attributes().isEmpty(); // since operator set 15: start, end
    if (!whole || !(value instanceof Flow || value instanceof Weights)) {
      return new Sizes(null);
    }
    if (value instanceof Weights weights) {
      return new Sizes(Arrays.stream(weights.tensor().shape()).asLongStream().toArray());
    }
    return new Sizes(
        ((Flow) value)
            .axes().stream().mapToLong(a -> a.size() < 0 ? Sizes.UNKNOWN : a.size()).toArray());
  }

  static Value constantOfShape(NodeCall call) {
    OnnxTensor value = call.attribute("value", OnnxTensor.class, null);
    if (value == null) {
      return new Filled(0, Set.of());
    }
    if (value.length() != 1) {
      throw call.refused("expected one number as value, found " + value);
    }
    return value.isFloat() ? new Filled(value.floats()[0], Set.of()) : new Sizes(null);
  }

  static Value concat(NodeCall call) {
    List<Value> values = call.inputs();
    if (values.isEmpty() || values.contains(null)) {
      throw call.refused("expected inputs");
    }
    long axis = call.integer("axis", 0);
    if (values.stream().allMatch(Weights.class::isInstance) && axis == 0) {
      return ConstantNode.concat(call, values.stream().map(Weights.class::cast).toList());
    }
    if (values.stream().allMatch(ShapeNode::isState)) {
      return new Aside(null, "the states of all layers");
    }
    if (values.stream().distinct().count() == 1 && values.get(0) instanceof Filled filled) {
      return filled;
    }
    if (values.stream().allMatch(value -> value instanceof Sizes || entries(value) != null)) {
      boolean known =
          values.stream()
              .allMatch(value -> entries(value) != null && entries(value).length <= Axis.MAX_RANK);
      return new Sizes(
          known ? values.stream().flatMapToLong(v -> Arrays.stream(entries(v))).toArray() : null);
    }
    throw call.unsupported("expected constants joined along axis 0, shapes, or last states");
  }

  private static boolean isState(Value value) {
    return (value instanceof Aside aside && aside.input() == null)
        || (value instanceof Flow flow && flow.isState());
  }
}
