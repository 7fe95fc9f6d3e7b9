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
 * <p>Weights of 16 bits are in pairs, so that one vector of integers holds two vectors of weights:
 * in each int, the lower half is a weight of the first vector, and the upper half the weight in the
 * same lane of the next. That is quicker to widen than a vector of shorts.
 *
 * @param form the form of the weights
 * @param weights holds the weights, and those of other matrices; null for a form of 16 bits
 * @param pairs holds the weights of 16 bits, and those of other matrices; null for floats
 * @param lanes the number of weights of a vector
 * @param first the index of the first weight, or of the first pair
 * @param start b, or zeros
 * @param group the number of rows of a group
 * @param groups the number of groups
 * @param width the number of columns of a strand; stored, because a division costs as much as a
 *     small product
 * @param rest the number of columns after the strands
 * @param strandSize the number of weights of a strand, which is the distance between two strands;
 *     or the number of pairs
 */
@Internal
public record Panels(
    WeightForm form,
    float[] weights,
    int[] pairs,
    int lanes,
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
    return of(matrix, bias, group, group, WeightForm.FLOAT32);
  }

  /**
   * Packs a matrix in a form that holds each of its weights.
   *
   * @param lanes the number of weights of a vector; an even number of them are a group, unless the
   *     form is that of floats
   */
  public static Panels of(FMatrixRMaj matrix, float[] bias, int group, int lanes, WeightForm form) {
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
    boolean isPaired = form != WeightForm.FLOAT32;
    WeightMemory.Place<float[]> floats = isPaired ? null : WeightMemory.floats(size);
    WeightMemory.Place<int[]> ints = isPaired ? WeightMemory.ints(size / 2) : null;
    Panels panels =
        new Panels(
            form,
            isPaired ? null : floats.array(),
            isPaired ? ints.array() : null,
            lanes,
            isPaired ? ints.at() : floats.at(),
            start,
            rows,
            columns,
            strands,
            group,
            groups,
            width,
            columns - strands * width,
            isPaired ? groups * group * width / 2 : groups * group * width);
    panels.fill(matrix);
    return panels;
  }

  private void fill(FMatrixRMaj matrix) {
    int at = 0;
    for (int strand = 0; strand <= strands; strand++) {
      int from = strand * width;
      int to = strand == strands ? columns : from + width;
      for (int g = 0; g < groups; g++) {
        int top = top(g);
        for (int column = from; column < to; column++) {
          for (int row = top; row < top + group; row++) {
            set(at++, row < rows ? matrix.unsafe_get(row, column) : 0);
          }
        }
      }
    }
  }

  private void set(int index, float weight) {
    if (pairs == null) {
      weights[first + index] = weight;
    } else {
      pairs[pairOf(index)] |= form.code(weight) << shiftOf(index);
    }
  }

  /** The weight at an index, counted from 0 and without pairs. */
  private float get(int index) {
    return pairs == null
        ? weights[first + index]
        : form.weight(pairs[pairOf(index)] >>> shiftOf(index) & 0xffff);
  }

  private int pairOf(int index) {
    return first + index / (2 * lanes) * lanes + index % lanes;
  }

  private int shiftOf(int index) {
    return index / lanes % 2 * Short.SIZE;
  }

  /** {@code start + W[.][column]}, the product with a one-hot vector, into y from {@code yAt}. */
  public void oneHot(int column, float[] y, int yAt) {
    for (int g = 0; g < groups; g++) {
      int top = top(g);
      int from = indexOf(g, column);
      for (int row = top; row < Math.min(rows, top + group); row++) {
        y[yAt + row] = start[row] + get(from + row - top);
      }
    }
  }

  /** Copies a row of the matrix, [columns], into w from {@code to}. */
  public void row(int row, float[] w, int to) {
    int g = Math.min(row / group, groups - 1);
    int lane = row - top(g);
    for (int column = 0; column < columns; column++) {
      w[to + column] = get(indexOf(g, column) + lane);
    }
  }

  /** The index of the first weight of a group in a column, counted from 0 and without pairs. */
  private int indexOf(int g, int column) {
    int strand = width == 0 ? strands : Math.min(column / width, strands);
    int ofStrand = strand == strands ? rest : width;
    return groups * group * width * strand + group * (g * ofStrand + column - strand * width);
  }

  /** The bytes of the weights. */
  public long bytes() {
    return (long) groups * group * columns * form.bytes();
  }

  /** The first row of a group. */
  public int top(int g) {
    return Math.max(0, Math.min(g * group, rows - group));
  }

  /** The index of the first weight, or pair, of a group in the first strand. */
  public int at(int g) {
    return first + (pairs == null ? g * group * width : g * group * width / 2);
  }

  /** The index of the first weight, or pair, of the remaining columns of a group. */
  public int restAt(int g) {
    return first + strands * strandSize + (pairs == null ? g * group * rest : g * group * rest / 2);
  }
}
