package io.github.flinkrnn.files;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.ejml.data.FMatrixRMaj;

/**
 * A named array of a weights file.
 *
 * @param shape its dimensions; empty for a single number
 * @param data its numbers, last dimension fastest, all finite
 */
public record Tensor(String name, int[] shape, float[] data) {
  /** How many dimensions it has. */
  public int rank() {
    return shape.length;
  }

  /** Its first dimension; there must be one. */
  public int rows() {
    return shape[0];
  }

  /** Its second dimension; there must be two. */
  public int columns() {
    return shape[1];
  }

  public boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  /** A view, not a copy. */
  public FMatrixRMaj matrix() {
    return FMatrixRMaj.wrap(rows(), columns(), data);
  }

  @Override
  public String toString() {
    return name + " " + shapeText(shape);
  }

  /** {@code [2 × 3]}. */
  public static String shapeText(int... shape) {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" × ", "[", "]"));
  }
}
