package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;

/**
 * A matrix in the order in which a product reads it. Rows stand in groups of {@code group}, a whole
 * number of vectors; the numbers of a group's rows in one column lie side by side, so that each
 * lane of a vector owns a row. Behind one another come the strands of {@link Affine}, in a strand
 * its groups, in a group its columns: a product reads as many streams as there are strands, each
 * without a gap, which the hardware's prefetcher follows well. Where rows are no multiple of a
 * group, the last group begins earlier and has some of the rows a second time.
 *
 * @param weights holds the numbers, and those of other matrices beside them
 * @param first where they begin
 * @param start b, or zeros
 * @param groups how many groups the rows are
 * @param width columns of each strand; kept, for a division costs as much as a small product
 * @param rest columns left over behind the strands
 * @param strandSize numbers of one strand: how far apart two strands begin
 */
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
  /** How many strands the columns of a matrix with so many rows are cut into. */
  static int strandsOf(int rows) {
    return rows >= 64 ? 2 : 4;
  }

  /**
   * @param bias [rows], or null for none
   * @param group rows of a group; where there are fewer in all, zeros stand for the others
   */
  public static Panels of(FMatrixRMaj matrix, float[] bias, int group) {
    int rows = matrix.getNumRows();
    int columns = matrix.getNumCols();
    if (bias != null && bias.length != rows) {
      throw new IllegalArgumentException("a bias of " + bias.length + " for " + rows + " rows");
    }
    int strands = strandsOf(rows);
    float[] start = bias == null ? new float[rows] : bias.clone();
    for (int row = 0; row < rows; row++) {
      start[row] += 0f; // of -0: then what is added to it decides no sign of a zero
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

  /** Start + W[.][column], what a product with a one-hot vector gives; into y from {@code yAt}. */
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

  /** Where a group begins in the first strand. */
  public int at(int g) {
    return first + g * group * width;
  }

  /** Where a group's columns left over begin. */
  public int restAt(int g) {
    return first + strands * strandSize + g * group * rest;
  }
}
