package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;

/**
 * {@code y = W x + b} for a fixed W and b. Immutable and shared by all threads.
 *
 * <p>Each y is computed in float32 by these operations in this order on every machine, so its bits
 * are the same everywhere. For R rows and C columns:
 *
 * <ul>
 *   <li>The columns are split into S strands, S = 2 for R &ge; 64, else 4. With m = &lfloor;C /
 *       S&rfloor;, strand s has the columns from s m to (s + 1) m. Fewer than S columns remain.
 *   <li>The accumulator t of strand 0 starts with b, or with the start given instead of b; the
 *       others start with +0.
 *   <li>Within a strand, columns are added from left to right: t = fma(W[row][column], x[column],
 *       t), a multiply-add that rounds once.
 *   <li>The strands are added: t0 + t1, or (t0 + t1) + (t2 + t3).
 *   <li>The remaining columns are added to that sum from left to right, as within a strand.
 * </ul>
 *
 * With strands, even a product with few rows has enough independent multiply-adds to keep the CPU
 * busy. {@link #applyEach} computes the products of several x, each by the same operations in the
 * same order.
 */
@Internal
public interface Affine {
  /** The length of y: the rows of W. */
  int rows();

  /** The length of x: the columns of W. */
  int columns();

  /** The number of weights in W, which is the number of multiply-adds. */
  default long size() {
    return (long) rows() * columns();
  }

  /** The form in which W is kept. It does not change the bits of a product. */
  default WeightForm form() {
    return WeightForm.FLOAT32;
  }

  /** The bytes in which W is kept. */
  default long bytes() {
    return size() * form().bytes();
  }

  /**
   * Copies a row of W from the packed weights.
   *
   * @param w receives [columns] from {@code at}
   */
  void row(int row, float[] w, int at);

  /**
   * {@code y = W x + b}.
   *
   * @param x holds [columns] from {@code xAt}
   * @param y receives [rows] from {@code yAt}, and nothing else; not the array x
   */
  void apply(float[] x, int xAt, float[] y, int yAt);

  /**
   * {@code y = W x + start}, without b.
   *
   * @param start holds [rows] from {@code startAt}
   * @param x holds [columns] from {@code xAt}
   * @param y receives [rows] from {@code yAt}, and nothing else; not the array x or start
   */
  void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt);

  /**
   * The product with the one-hot vector of a column, with the same bits: b + W[.][column].
   *
   * @param y receives [rows] from {@code yAt}, and nothing else
   */
  void applyOneHot(int column, float[] y, int yAt);

  /**
   * The number of blocks of rows that can be computed separately and in any order. It is the same
   * for all products of a kernel with the same number of rows, except while the kernel warms up.
   */
  default int blocks() {
    return 1;
  }

  /**
   * The rows of a block of {@link #apply(float[], int, float[], int)}, with the same bits.
   *
   * @param block the index of the block, from 0
   * @param blocks the result of {@link #blocks}, or 1 for all rows
   */
  default void applyBlock(int block, int blocks, float[] x, int xAt, float[] y, int yAt) {
    apply(x, xAt, y, yAt);
  }

  /** The rows of a block of {@link #applyFrom}, with the same bits. */
  default void applyBlockFrom(
      int block, int blocks, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    applyFrom(start, startAt, x, xAt, y, yAt);
  }

  /**
   * {@code y[i] = W x[i] + b} for each i below {@code count}, with the same bits as one by one. It
   * reads a weight once for several x, so it is faster for three or more.
   *
   * @param x each holds [columns] from {@code xAt}; several may be the same array
   * @param y each receives [rows] from {@code yAt}; another array than every x and every other y
   */
  default void applyEach(int count, float[][] x, int xAt, float[][] y, int yAt) {
    for (int i = 0; i < count; i++) {
      apply(x[i], xAt, y[i], yAt);
    }
  }

  /**
   * {@code y[i] = W x[i] + start[i]}, without b, in the same way.
   *
   * @param start each holds [rows] from {@code startAt}; another array than every y
   */
  default void applyEachFrom(
      int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt) {
    for (int i = 0; i < count; i++) {
      applyFrom(start[i], startAt, x[i], xAt, y[i], yAt);
    }
  }

  /** {@link #apply(float[], int, float[], int)} from index 0. */
  default void apply(float[] x, float[] y) {
    apply(x, 0, y, 0);
  }
}
