package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Operators on constants that make and move numbers without computing any. */
final class ConstantNode {
  private ConstantNode() {}

  /** A node Constant with its value in any attribute. */
  static Weights constant(NodeCall call) {
    String name = call.node().outputs().isEmpty() ? "" : call.node().outputs().get(0);
    if (call.node().attributes().size() != 1) {
      throw call.refused("expected one value, found " + call.node().attributes().size());
    }
    Object value = call.node().attributes().values().iterator().next();
    OnnxTensor tensor;
    if (value instanceof OnnxTensor of) {
      tensor = new OnnxTensor(name, of.shape(), of.floats(), of.integers());
    } else if (value instanceof Long one) {
      tensor = new OnnxTensor(name, new int[0], null, new long[] {one});
    } else if (value instanceof long[] many) {
      tensor = new OnnxTensor(name, new int[] {many.length}, null, many);
    } else if (value instanceof Float one) {
      tensor = new OnnxTensor(name, new int[0], new float[] {one}, null);
    } else if (value instanceof float[] many) {
      tensor = new OnnxTensor(name, new int[] {many.length}, many, null);
    } else {
      throw call.refused("expected numbers, found a value of another type");
    }
    if (tensor.isFloat()) {
      for (float number : tensor.floats()) {
        if (!Float.isFinite(number)) {
          throw call.refused("expected finite numbers, found " + number);
        }
      }
    }
    return new Weights(tensor, Set.of(name));
  }

  static Weights integers(NodeCall call, long[] numbers, int... shape) {
    return new Weights(new OnnxTensor(call.node().place(), shape, null, numbers), Set.of());
  }

  static Weights cast(NodeCall call, Weights weights, boolean toFloat) {
    OnnxTensor tensor = weights.tensor();
    if (tensor.isFloat() == toFloat) {
      return weights;
    }
    int length = call.take((toFloat ? 1L : 2L) * tensor.length()) / (toFloat ? 1 : 2);
    float[] floats = toFloat ? new float[length] : null;
    long[] integers = toFloat ? null : new long[length];
    for (int i = 0; i < length; i++) {
      if (floats != null) {
        floats[i] = tensor.integers()[i];
      } else {
        integers[i] = (long) tensor.floats()[i];
      }
    }
    return new Weights(
        new OnnxTensor(tensor.name(), tensor.shape(), floats, integers), weights.from());
  }

  static Weights reshaped(Weights weights, List<Integer> shape) {
    int[] dimensions = shape.stream().mapToInt(Integer::intValue).toArray();
    return new Weights(weights.tensor().reshaped(dimensions), weights.from());
  }

  /** Reshapes a constant. */
  static Weights reshape(NodeCall call, Weights weights, long[] target) {
    OnnxTensor tensor = weights.tensor();
    int[] shape = shape(call, tensor.shape(), target);
    if (shape == null) {
      throw call.refused("expected a shape for " + tensor + ", found " + Arrays.toString(target));
    }
    return new Weights(tensor.reshaped(shape), weights.from());
  }

  /**
   * The sizes that a node Reshape asks for; null if they do not fit.
   *
   * @param target a size of 0 keeps the dimension, and -1 takes the remaining size
   */
  static int[] shape(NodeCall call, int[] from, long[] target) {
    long length = 1;
    for (int size : from) {
      length *= size;
    }
    int[] shape = new int[target.length];
    long known = 1;
    int open = -1;
    for (int i = 0; i < target.length; i++) {
      boolean keeps = target[i] == 0 && call.integer("allowzero", 0) == 0 && i < from.length;
      long size = keeps ? from[i] : target[i];
      boolean isOpen = size == -1 && open < 0;
      if (isOpen) {
        open = i;
      }
      if (!isOpen
          && (size < 1 || size > Integer.MAX_VALUE || (known *= size) > Integer.MAX_VALUE)) {
        return null;
      }
      shape[i] = (int) size;
    }
    if (open >= 0) {
      shape[open] = (int) (length / known);
      known *= shape[open];
    }
    return known == length ? shape : null;
  }

  static Weights transpose(NodeCall call, Weights weights, int[] permutation) {
    int[] shape = weights.tensor().shape();
    int[] strides = strides(shape);
    int rank = permutation.length;
    int[] turned = new int[rank];
    int[] steps = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      turned[axis] = shape[permutation[axis]];
      steps[axis] = strides[permutation[axis]];
    }
    return gathered(call, weights, turned, steps, 0);
  }

  /** Repeats a constant along dimensions of 1, as numpy's broadcasting does. */
  static Weights expand(NodeCall call, Weights weights, int[] shape) {
    OnnxTensor tensor = weights.tensor();
    int[] strides = strides(tensor.shape());
    int[] steps = new int[shape.length];
    for (int i = 0; i < shape.length; i++) {
      int own = i - (shape.length - tensor.rank());
      boolean repeats = own < 0 || tensor.shape()[own] == 1;
      if (!repeats && tensor.shape()[own] != shape[i]) {
        throw call.refused("expected a shape for " + tensor + ", found " + Arrays.toString(shape));
      }
      steps[i] = repeats ? 0 : strides[own];
    }
    return gathered(call, weights, shape, steps, 0);
  }

  /** The shape of two values by numpy's broadcasting. */
  static int[] broadcast(NodeCall call, int[] one, int[] other) {
    int[] shape = new int[Math.max(one.length, other.length)];
    for (int i = 1; i <= shape.length; i++) {
      int a = i <= one.length ? one[one.length - i] : 1;
      int b = i <= other.length ? other[other.length - i] : 1;
      if (a != b && a != 1 && b != 1) {
        throw call.refused(
            "expected shapes that fit on each other, found "
                + Arrays.toString(one)
                + " and "
                + Arrays.toString(other));
      }
      shape[shape.length - i] = a == 1 ? b : a;
    }
    return shape;
  }

  private static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }

  /** Element [i, j, …] is that at {@code start + i steps[0] + j steps[1] + …}. */
  private static Weights gathered(
      NodeCall call, Weights weights, int[] shape, int[] steps, int start) {
    int[] sources = new int[length(call, shape)];
    int[] at = new int[shape.length];
    int from = start;
    for (int i = 0; i < sources.length; i++) {
      sources[i] = from;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        from += steps[axis];
        if (++at[axis] < shape[axis]) {
          break;
        }
        at[axis] = 0;
        from -= shape[axis] * steps[axis];
      }
    }
    return copied(call, weights, shape, sources);
  }

  /** Reserves memory for the numbers of a tensor of this shape. */
  static int length(NodeCall call, int... shape) {
    long length = 1;
    for (int size : shape) {
      length *= size;
      if (length > Integer.MAX_VALUE) {
        throw call.refused("expected fewer than 2^31 numbers, found more");
      }
    }
    return call.take(length);
  }

  private static Weights copied(NodeCall call, Weights weights, int[] shape, int[] sources) {
    OnnxTensor tensor = weights.tensor();
    int unused = call.take(2L * sources.length);
    float[] floats = tensor.isFloat() ? new float[sources.length] : null;
    long[] integers = tensor.isFloat() ? null : new long[sources.length];
    for (int i = 0; i < sources.length; i++) {
      if (floats != null) {
        floats[i] = tensor.floats()[sources[i]];
      } else {
        integers[i] = tensor.integers()[sources[i]];
      }
    }
    return new Weights(new OnnxTensor(tensor.name(), shape, floats, integers), weights.from());
  }

  /** A part along an axis: every {@code step}-th from {@code from}, before {@code to}. */
  static Weights slice(NodeCall call, Weights weights, int axis, int from, int to, int step) {
    int[] shape = weights.tensor().shape().clone();
    int[] steps = strides(shape);
    int start = from * steps[axis];
    int span = step > 0 ? to - from : from - to;
    shape[axis] = Math.max(0, (span + Math.abs(step) - 1) / Math.abs(step));
    steps[axis] *= step;
    return gathered(call, weights, shape, steps, start);
  }

  /** Parts along an axis, in the order of the indices. */
  static Weights gather(NodeCall call, Weights weights, int axis, OnnxTensor indices) {
    OnnxTensor tensor = weights.tensor();
    int[] from = tensor.shape();
    int inner = 1;
    for (int i = axis + 1; i < from.length; i++) {
      inner *= from[i];
    }
    int[] shape = new int[from.length - 1 + indices.rank()];
    System.arraycopy(from, 0, shape, 0, axis);
    System.arraycopy(indices.shape(), 0, shape, axis, indices.rank());
    System.arraycopy(from, axis + 1, shape, axis + indices.rank(), from.length - axis - 1);
    int[] sources = new int[length(call, shape)];
    int at = 0;
    for (int block = 0; block < sources.length / Math.max(1, inner * indices.length()); block++) {
      for (long index : indices.integers()) {
        int row = (block * from[axis] + call.axis(index, from[axis])) * inner;
        for (int i = 0; i < inner; i++) {
          sources[at++] = row + i;
        }
      }
    }
    return copied(call, weights, shape, sources);
  }

  /** Joins constants along an axis. */
  static Weights concat(NodeCall call, List<Weights> parts, long along) {
    OnnxTensor first = parts.get(0).tensor();
    int axis = first.rank() == 0 ? 0 : call.axis(along, first.rank());
    Set<String> from = new TreeSet<>();
    long rows = 0;
    List<OnnxTensor> tensors = new ArrayList<>();
    for (Weights part : parts) {
      OnnxTensor tensor = part.tensor();
      boolean alike = tensor.rank() == first.rank() && tensor.isFloat() == first.isFloat();
      for (int i = 0; alike && i < first.rank(); i++) {
        alike = i == axis || tensor.shape()[i] == first.shape()[i];
      }
      if (!alike || first.rank() == 0) {
        throw call.refused(
            "expected constants that fit on each other, found " + first + " and " + tensor);
      }
      rows += tensor.shape()[axis];
      tensors.add(tensor);
      from.addAll(part.from());
    }
    int[] shape = first.shape().clone();
    int outer = 1;
    long length = rows;
    for (int i = 0; i < shape.length; i++) {
      outer *= i < axis ? shape[i] : 1;
      length *= i == axis ? 1 : shape[i];
    }
    if (rows > Integer.MAX_VALUE || length > Integer.MAX_VALUE) {
      throw call.refused("expected fewer than 2^31 numbers, found more");
    }
    shape[axis] = (int) rows;
    int unused = call.take(16L * from.size());
    int width = first.isFloat() ? 1 : 2;
    int all = call.take(width * length) / width;
    float[] floats = first.isFloat() ? new float[all] : null;
    long[] integers = first.isFloat() ? null : new long[all];
    int at = 0;
    for (int block = 0; block < outer; block++) {
      for (OnnxTensor tensor : tensors) {
        int more = tensor.length() / outer;
        Object source = floats != null ? tensor.floats() : tensor.integers();
        System.arraycopy(source, block * more, floats != null ? floats : integers, at, more);
        at += more;
      }
    }
    return new Weights(new OnnxTensor(first.name(), shape, floats, integers), from);
  }
}
