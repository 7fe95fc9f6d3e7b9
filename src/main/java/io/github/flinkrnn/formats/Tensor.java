package io.github.flinkrnn.formats;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A named array of a weights file.
 *
 * @param shape its dimensions; empty for a single number
 * @param data its numbers in row-major order, all finite
 */
@Internal
public record Tensor(String name, int[] shape, float[] data) {
  /** The number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** The size of the first dimension. There must be one. */
  public int rows() {
    return shape[0];
  }

  /** The size of the second dimension. There must be two. */
  public int columns() {
    return shape[1];
  }

  /** Whether the tensor has exactly these dimensions. */
  public boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  /** The tensor as a matrix. This is a view, not a copy. */
  public FMatrixRMaj matrix() {
    return FMatrixRMaj.wrap(rows(), columns(), data);
  }

  @Override
  public String toString() {
    return name + " " + shapeText(shape);
  }

  /** How many numbers some tensors have. */
  public static long numbers(Collection<Tensor> tensors) {
    return tensors.stream().mapToLong(tensor -> tensor.data().length).sum();
  }

  /** A shape for errors and descriptions: {@code [2 × 3]}. */
  public static String shapeText(int... shape) {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" × ", "[", "]"));
  }

  /**
   * Converts IEEE 754 binary16 (1 sign bit, 5 exponent bits with bias 15, 10 fraction bits) to
   * float32. The result is exact.
   */
  public static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero and the subnormals: fraction × 2^-24
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }
}
