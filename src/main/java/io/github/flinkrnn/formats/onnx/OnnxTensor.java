package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;

/**
 * A constant of the graph: floats (of any width in the file), integers, or another type, whose
 * numbers are not read.
 *
 * @param shape its dimensions; empty for a single number
 * @param floats its numbers in row-major order; null if they are not floats. All are finite, unless
 *     {@link OnnxGraph#unsupported} says so
 * @param integers its numbers if they are integers or booleans; else null
 */
record OnnxTensor(String name, int[] shape, float[] floats, long[] integers) {
  boolean isFloat() {
    return floats != null;
  }

  /** Whether the type is one that no built-in cell reads. */
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
