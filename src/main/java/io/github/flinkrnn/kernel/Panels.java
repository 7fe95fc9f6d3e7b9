package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A matrix in the order in which a product reads it. Rows are in groups of {@code group}, a
 * multiple of the vector length. The weights of a group in one column are adjacent, so each lane of
 * a vector belongs to a row. The order is: the strands of {@link Affine}, in each strand the
 * groups, in each group the columns. A product reads one contiguous stream per strand, which suits
 * the hardware prefetcher. If the number of rows is not a multiple of {@code group}, the last group
 * begins earlier and repeats some rows.
 *
 * @param weights holds the weights, and those of other matrices
 * @param first the index of the first weight
 * @param start b, or zeros
 * @param group the number of rows of a group
 * @param groups the number of groups
 * @param width the number of columns of a strand; stored, because a division costs as much as a
 *     small product
 * @param rest the number of columns after the strands
 * @param strandSize the number of weights of a strand, which is the distance between two strands
 */
@Internal
public record Panels(
    float[] weights,
    int first,
    float[] start,
    int rows,
    int columns,
    int strands,
    int group,
    int groups,
    int width,
    int rest,
    int strandSize) {
  /** The number of strands for a matrix with a number of rows. */
  static int strandsOf(int rows) {
    return rows >= 64 ? 2 : 4;
  }

  /**
   * Packs a matrix.
   *
   * @param matrix [rows × columns]
   * @param bias [rows], or null for none
   * @param group the number of rows of a group; a smaller matrix is padded with zeros
   */
  public static Panels of(FMatrixRMaj matrix, float[] bias, int group) {
    int rows = matrix.getNumRows();
    int columns = matrix.getNumCols();
    if (bias != null && bias.length != rows) {
      throw new IllegalArgumentException(
          "expected a bias of " + rows + " numbers, found " + bias.length);
    }
    int strands = strandsOf(rows);
    float[] start = bias == null ? new float[rows] : bias.clone();
    for (int row = 0; row < rows; row++) {
      start[row] += 0f; // turns -0 into +0, so that added zeros of either sign give +0
    }
    int groups = (rows + group - 1) / group;
    int size = Math.multiplyExact(Math.multiplyExact(groups, group), columns);
    int width = columns / strands;
    WeightMemory.Place place = WeightMemory.take(size);
    Panels panels =
        new Panels(
            place.array(),
            place.at(),
            start,
            rows,
            columns,
            strands,
            group,
            groups,
            width,
            columns - strands * width,
            groups * group * width);
    panels.fill(matrix);
    return panels;
  }

  private void fill(FMatrixRMaj matrix) {
    int at = first;
    for (int strand = 0; strand <= strands; strand++) {
      int from = strand * width;
      int to = strand == strands ? columns : from + width;
      for (int g = 0; g < groups; g++) {
        int top = top(g);
        for (int column = from; column < to; column++) {
          for (int row = top; row < top + group; row++) {
            weights[at++] = row < rows ? matrix.unsafe_get(row, column) : 0;
          }
        }
      }
    }
  }

  /** {@code start + W[.][column]}, the product with a one-hot vector, into y from {@code yAt}. */
  public void oneHot(int column, float[] y, int yAt) {
    int inStrands = strands * width;
    for (int g = 0; g < groups; g++) {
      int top = top(g);
      int from =
          column < inStrands
              ? at(g) + column / width * strandSize + column % width * group
              : restAt(g) + (column - inStrands) * group;
      for (int row = top; row < Math.min(rows, top + group); row++) {
        y[yAt + row] = start[row] + weights[from + row - top];
      }
    }
  }

  /** Copies a row of the matrix, [columns], into w from {@code to}. */
  public void row(int row, float[] w, int to) {
    int g = Math.min(row / group, groups - 1);
    int lane = row - top(g);
    for (int strand = 0; strand < strands; strand++) {
      int from = at(g) + strand * strandSize + lane;
      for (int k = 0; k < width; k++) {
        w[to + strand * width + k] = weights[from + k * group];
      }
    }
    int from = restAt(g) + lane;
    for (int k = 0; k < rest; k++) {
      w[to + strands * width + k] = weights[from + k * group];
    }
  }

  /** The first row of a group. */
  public int top(int g) {
    return Math.max(0, Math.min(g * group, rows - group));
  }

  /** The index at which a group begins in the first strand. */
  public int at(int g) {
    return first + g * group * width;
  }

  /** The index at which the remaining columns of a group begin. */
  public int restAt(int g) {
    return first + strands * strandSize + g * group * rest;
  }
}
