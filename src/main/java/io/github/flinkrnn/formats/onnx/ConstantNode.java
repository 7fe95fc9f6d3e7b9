package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Operations on constants that exporters leave in the graph. */
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

  static Weights cast(NodeCall call, Weights weights, boolean toFloat) {
    OnnxTensor tensor = weights.tensor();
    if (tensor.isFloat() == toFloat) {
      return weights;
    }
    if (!toFloat) {
      throw call.unsupported("expected no cast of a constant of floats to integers");
    }
    float[] floats = new float[call.take(tensor.length())];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = tensor.integers()[i];
    }
    return new Weights(new OnnxTensor(tensor.name(), tensor.shape(), floats, null), weights.from());
  }

  static Weights reshaped(Weights weights, List<Integer> shape) {
    int[] dimensions = shape.stream().mapToInt(Integer::intValue).toArray();
    return new Weights(weights.tensor().reshaped(dimensions), weights.from());
  }

  /** Reshapes a constant. A size of 0 keeps the dimension, and -1 takes the remaining size. */
  static Weights reshape(NodeCall call, Weights weights, long[] target) {
    OnnxTensor tensor = weights.tensor();
    int[] shape = new int[target.length];
    long known = 1;
    int open = -1;
    for (int i = 0; i < target.length; i++) {
      long size = target[i] == 0 && i < tensor.rank() ? tensor.shape()[i] : target[i];
      boolean isOpen = size == -1 && open < 0;
      if (isOpen) {
        open = i;
      }
      if (!isOpen
          && (size < 1 || size > Integer.MAX_VALUE || (known *= size) > Integer.MAX_VALUE)) {
        throw doesNotFit(call, tensor, target);
      }
      shape[i] = (int) size;
    }
    if (open >= 0) {
      shape[open] = (int) (tensor.length() / known);
      known *= shape[open];
    }
    if (known != tensor.length()) {
      throw doesNotFit(call, tensor, target);
    }
    return new Weights(tensor.reshaped(shape), weights.from());
  }

  private static InvalidFileException doesNotFit(NodeCall call, OnnxTensor tensor, long[] shape) {
    return call.refused("expected a shape for " + tensor + ", found " + Arrays.toString(shape));
  }

  static Weights transpose(NodeCall call, Weights weights, int[] permutation) {
    OnnxTensor tensor = weights.tensor();
    int rank = permutation.length;
    int[] strides = new int[rank];
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int stride = 1;
      for (int i = permutation[axis] + 1; i < rank; i++) {
        stride *= tensor.shape()[i];
      }
      strides[axis] = stride;
      shape[axis] = tensor.shape()[permutation[axis]];
    }
    int length = call.take(tensor.length());
    float[] floats = tensor.isFloat() ? new float[length] : null;
    long[] integers = tensor.isFloat() ? null : new long[length];
    int[] at = new int[rank];
    for (int i = 0; i < length; i++) {
      int source = 0;
      for (int axis = 0; axis < rank; axis++) {
        source += at[axis] * strides[axis];
      }
      if (floats != null) {
        floats[i] = tensor.floats()[source];
      } else {
        integers[i] = tensor.integers()[source];
      }
      for (int axis = rank - 1; axis >= 0 && ++at[axis] == shape[axis]; axis--) {
        at[axis] = 0;
      }
    }
    return new Weights(new OnnxTensor(tensor.name(), shape, floats, integers), weights.from());
  }

  /** Rows {@code from} to {@code to}. */
  static Weights rows(NodeCall call, Weights weights, int from, int to) {
    OnnxTensor tensor = weights.tensor();
    int row = tensor.length() / Math.max(1, tensor.shape()[0]);
    int[] shape = tensor.shape().clone();
    shape[0] = Math.max(0, to - from);
    int unused = call.take((long) shape[0] * row);
    int end = from * row + shape[0] * row;
    OnnxTensor part =
        tensor.isFloat()
            ? new OnnxTensor(
                tensor.name(), shape, Arrays.copyOfRange(tensor.floats(), from * row, end), null)
            : new OnnxTensor(
                tensor.name(), shape, null, Arrays.copyOfRange(tensor.integers(), from * row, end));
    return new Weights(part, weights.from());
  }

  /** Joins constants along the first dimension. */
  static Weights concat(NodeCall call, List<Weights> parts) {
    OnnxTensor first = parts.get(0).tensor();
    Set<String> from = new TreeSet<>();
    long length = 0;
    long rows = 0;
    for (Weights part : parts) {
      OnnxTensor tensor = part.tensor();
      boolean alike = tensor.rank() == first.rank() && tensor.isFloat() == first.isFloat();
      for (int axis = 1; alike && axis < first.rank(); axis++) {
        alike = tensor.shape()[axis] == first.shape()[axis];
      }
      if (!alike || first.rank() == 0) {
        throw call.refused(
            "expected constants that fit on each other, found " + first + " and " + tensor);
      }
      rows += tensor.shape()[0];
      length += tensor.length();
      from.addAll(part.from());
    }
    if (rows > Integer.MAX_VALUE) {
      throw call.refused("expected fewer than 2^31 rows, found " + rows);
    }
    int unused = call.take(16L * from.size());
    int all = call.take(length);
    float[] floats = first.isFloat() ? new float[all] : null;
    long[] integers = first.isFloat() ? null : new long[all];
    int at = 0;
    for (Weights part : parts) {
      int more = part.tensor().length();
      if (floats != null) {
        System.arraycopy(part.tensor().floats(), 0, floats, at, more);
      } else {
        System.arraycopy(part.tensor().integers(), 0, integers, at, more);
      }
      at += more;
    }
    int[] shape = first.shape().clone();
    shape[0] = (int) rows;
    return new Weights(new OnnxTensor(first.name(), shape, floats, integers), from);
  }
}
