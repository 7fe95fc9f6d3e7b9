package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;

/**
 * A constant of the graph: of floats (whatever their width in the file), of whole numbers, or of
 * another type, whose numbers are left in the file.
 *
 * @param shape its dimensions; empty for a single number
 * @param floats its numbers, last dimension fastest, all finite; null when they are whole
 * @param integers the same of a tensor of whole numbers or booleans; else null
 */
record OnnxTensor(String name, int[] shape, float[] floats, long[] integers) {
  boolean isFloat() {
    return floats != null;
  }

  /** Of a type that no built-in cell reads. */
  boolean isOpaque() {
    return floats == null && integers == null;
  }

  int length() {
    return isOpaque() ? 0 : isFloat() ? floats.length : integers.length;
  }

  int rank() {
    return shape.length;
  }

  int last() {
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  OnnxTensor reshaped(int... other) {
    return new OnnxTensor(name, other, floats, integers);
  }

  @Override
  public String toString() {
    return name + " " + Tensor.shapeText(shape);
  }
}
