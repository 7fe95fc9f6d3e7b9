package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The nodes that move dimensions without a change of the numbers. */
final class ShapeNode {
  private ShapeNode() {}

  /** The sizes of the dimensions, examples where the file does not give them. */
  static int[] sizes(NodeCall call, Value value) {
    if (value instanceof Signal signal) {
      return signal.axes().stream().mapToInt(Axis::size).toArray();
    }
    if (value instanceof Weights weights) {
      return weights.tensor().shape();
    }
    throw call.unsupported("expected a constant or the sequence");
  }

  static Value transpose(NodeCall call) {
    Value value = call.required(0);
    int rank = sizes(call, value).length;
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
    if (value instanceof Signal signal) {
      return signal.withAxes(Arrays.stream(permutation).mapToObj(signal.axes()::get).toList());
    }
    return ConstantNode.transpose(call, (Weights) value, permutation);
  }

  static Value unsqueeze(NodeCall call) {
    Value value = call.required(0);
    int[] sizes = sizes(call, value);
    long[] axes = call.integers("axes", 1);
    if (axes == null || axes.length > 8) {
      throw call.refused("expected at most 8 axes");
    }
    int rank = sizes.length + axes.length;
    if (rank > Axis.MAX_RANK) {
      throw call.refused("expected at most 16 dimensions, found " + rank);
    }
    Set<Integer> added = new HashSet<>();
    for (long axis : axes) {
      if (!added.add(call.axis(axis, rank))) {
        throw call.refused("expected distinct axes, found axis " + axis + " twice");
      }
    }
    List<Integer> shape = new ArrayList<>();
    List<Axis> all = new ArrayList<>();
    for (int i = 0, from = 0; i < rank; i++) {
      boolean isNew = added.contains(i);
      if (value instanceof Signal signal) {
        all.add(isNew ? call.walk().single() : signal.axes().get(from));
      }
      shape.add(isNew ? 1 : sizes[from]);
      from += isNew ? 0 : 1;
    }
    return value instanceof Signal signal
        ? signal.withAxes(all)
        : ConstantNode.reshaped((Weights) value, shape);
  }

  static Value squeeze(NodeCall call) {
    Value value = call.required(0);
    int[] sizes = sizes(call, value);
    long[] axes = call.integers("axes", 1);
    Set<Integer> dropped = new HashSet<>();
    for (int i = 0; axes == null && i < sizes.length; i++) {
      if (sizes[i] == 1) {
        dropped.add(i);
      }
    }
    for (int i = 0; axes != null && i < axes.length; i++) {
      dropped.add(call.axis(axes[i], sizes.length));
    }
    List<Integer> shape = new ArrayList<>();
    List<Axis> kept = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (!dropped.contains(i)) {
        shape.add(sizes[i]);
        if (value instanceof Signal signal) {
          kept.add(signal.axes().get(i));
        }
      } else if (value instanceof Weights && sizes[i] != 1) {
        throw call.refused("expected a dimension of 1 to drop, found " + sizes[i]);
      } else if (value instanceof Signal signal && !mayBeOne(call, signal.axes().get(i))) {
        throw call.unsupported("expected to drop only a batch or a dimension of 1");
      }
    }
    return value instanceof Signal signal
        ? signal.withAxes(kept)
        : ConstantNode.reshaped((Weights) value, shape);
  }

  // A batch of unknown size can be dropped, because a run with any size but 1 would fail.
  private static boolean mayBeOne(NodeCall call, Axis axis) {
    return axis.size() == 1 || (axis.isFree() && call.walk().isNotTime(axis));
  }

  static Value reshape(NodeCall call) {
    Value value = call.required(0);
    long[] target = call.constants(1);
    if (target.length > Axis.MAX_RANK) {
      throw call.refused("expected at most 16 dimensions, found " + target.length);
    }
    if (value instanceof Signal signal) {
      for (int i = 0; i < target.length && i < signal.axes().size(); i++) {
        Axis axis = signal.axes().get(i);
        if (target[i] > 1 && axis.isFree() && axis.merged().isEmpty() && target[i] != axis.size()) {
          call.walk().foundSize(axis, target[i]);
        }
        if (target[i] != axis.size() && target[i] != 0) {
          break;
        }
      }
    }
    if (value instanceof Weights weights) {
      return ConstantNode.reshape(call, weights, target);
    }
    int[] shape = ConstantNode.shape(call, sizes(call, value), target);
    if (shape == null) {
      throw call.unsupported("expected to keep the features of each step together");
    }
    return reshaped(call, call.signal(0), shape);
  }

  static Value flatten(NodeCall call) {
    Signal signal = call.signal(0);
    int rank = signal.axes().size();
    long along = call.integer("axis", 1);
    int axis = along == rank ? rank : call.axis(along, rank);
    int[] shape = {1, 1};
    for (int i = 0; i < rank; i++) {
      shape[i < axis ? 0 : 1] *= signal.axes().get(i).size();
    }
    return reshaped(call, signal, shape);
  }

  /** Merges neighbouring dimensions, or splits what an earlier reshape merged. */
  private static Signal reshaped(NodeCall call, Signal signal, int[] shape) {
    List<Axis> axes = new ArrayList<>(); // from the outermost, without dimensions of 1
    signal.axes().forEach(axis -> addUnmerged(axis, axes));
    boolean isOne = signal.term().size() == 1 && signal.place(Axis.FEATURES) >= 0;
    List<Axis> reshaped = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 1) {
        boolean isLast = i == shape.length - 1;
        reshaped.add(isOne && isLast ? Axis.features(1) : call.walk().single());
        continue;
      }
      List<Axis> group = new ArrayList<>();
      long size = 1;
      while (size < shape[i] && next < axes.size()) {
        size *= axes.get(next).size();
        group.add(axes.get(next++));
      }
      if (size != shape[i]
          || group.stream().anyMatch(axis -> group.size() > 1 && axis.isPadded())) {
        throw call.unsupported("expected to keep the features of each step together");
      }
      boolean isVector =
          group.size() == 2
              && group.get(0).id() == Axis.DIRECTIONS
              && group.get(1).id() == Axis.FEATURES;
      reshaped.add(
          group.size() == 1
              ? group.get(0)
              : isVector ? Axis.features(shape[i]) : merged(call, group, shape[i]));
    }
    return signal.withAxes(reshaped);
  }

  private static void addUnmerged(Axis axis, List<Axis> into) {
    if (!axis.merged().isEmpty()) {
      axis.merged().forEach(part -> addUnmerged(part, into));
    } else if (axis.size() != 1) {
      into.add(axis);
    }
  }

  private static Axis merged(NodeCall call, List<Axis> group, int size) {
    boolean isFree = group.stream().anyMatch(Axis::isFree);
    return new Axis(call.walk().single().id(), size, isFree, 0, 0, group);
  }

  /** Repeats along dimensions of 1. The sequence may only be repeated once. */
  static Value expand(NodeCall call) {
    Value value = call.required(0);
    long[] target = call.constants(1);
    int[] sizes = sizes(call, value);
    int[] wanted = new int[target.length];
    for (int i = 0; i < target.length; i++) {
      if (target[i] < 0 || target[i] > Integer.MAX_VALUE) {
        throw call.refused("expected sizes from 0 to 2^31 - 1, found " + target[i]);
      }
      wanted[i] = (int) target[i];
    }
    int[] shape = ConstantNode.broadcast(call, sizes, wanted);
    if (value instanceof Weights weights) {
      return ConstantNode.expand(call, weights, shape);
    }
    Signal signal = call.signal(0);
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < shape.length; i++) {
      int own = i - (shape.length - sizes.length);
      if (shape[i] != (own < 0 ? 1 : sizes[own])) {
        if (signal.isRaw()) { // as a state that is repeated for every sequence of a batch
          axes.add(Axis.of(call.walk().single().id(), shape[i], false));
          continue;
        }
        throw call.unsupported("expected no repetition of what a layer computes");
      }
      axes.add(own < 0 ? call.walk().single() : signal.axes().get(own));
    }
    return signal.withAxes(axes);
  }

  static Value shape(NodeCall call) {
    int[] sizes = sizes(call, call.required(0));
    int from = within(call.integer("start", 0), sizes.length);
    int to = within(call.integer("end", sizes.length), sizes.length);
    long[] entries = Arrays.stream(sizes, from, Math.max(from, to)).asLongStream().toArray();
    return ConstantNode.integers(call, entries, entries.length);
  }

  static Value size(NodeCall call) {
    long size =
        Arrays.stream(sizes(call, call.required(0))).asLongStream().reduce(1, (a, b) -> a * b);
    return ConstantNode.integers(call, new long[] {size});
  }

  /** An index from 0 to {@code size}; a negative one counts from the end. */
  static int within(long index, int size) {
    return (int) Math.max(0, Math.min(index < 0 ? index + size : index, size));
  }

  static Value constantOfShape(NodeCall call) {
    OnnxTensor value = call.attribute("value", OnnxTensor.class, null);
    if (value != null && (value.length() != 1 || value.isOpaque())) {
      throw call.refused("expected one number as value, found " + value);
    }
    long[] target = call.constants(0);
    int[] shape = new int[target.length];
    for (int i = 0; i < shape.length; i++) {
      if (target[i] < 0 || target[i] > Integer.MAX_VALUE || shape.length > Axis.MAX_RANK) {
        throw call.refused("expected a shape, found " + Arrays.toString(target));
      }
      shape[i] = (int) target[i];
    }
    OnnxTensor zero = new OnnxTensor(call.node().place(), new int[0], new float[1], null);
    OnnxTensor one = value == null ? zero : value.reshaped();
    return ConstantNode.expand(call, new Weights(one, Set.of()), shape);
  }
}
