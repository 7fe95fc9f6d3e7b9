package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;

/**
 * An input or output of the graph.
 *
 * @param type the type of its numbers, a code of TensorProto.DataType
 * @param sizes its dimensions, -1 for an unknown size; null without a shape
 */
record ValueInfo(String name, int type, long[] sizes) {
  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;

  /** Whether it holds integers: UINT8 to INT64, UINT32, UINT64. */
  boolean isInteger() {
    return (type >= 2 && type <= INT64) || type == 12 || type == 13;
  }

  /** A phrase for errors, with a question mark for an unknown size. */
  @Override
  public String toString() {
    if (sizes == null) {
      return "'" + name + "' without a shape";
    }
    int[] shape = new int[sizes.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (int) Math.min(sizes[i], Integer.MAX_VALUE);
    }
    return "'" + name + "' " + Tensor.shapeText(shape).replace("-1", "?");
  }
}
