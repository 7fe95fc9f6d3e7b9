package io.github.flinkrnn.kernel;

/**
 * {@code y = W x + b} for one fixed W and b. Immutable, so that all threads share it.
 *
 * <p>Each y is computed by these operations in this order, on float32 and whatever the machine, so
 * that its bits are the same everywhere. With R rows and C columns:
 *
 * <ul>
 *   <li>The columns are cut into S strands, S = 2 for R &ge; 64, else 4. With m = &lfloor;C /
 *       S&rfloor;, strand s has the columns from s m to (s + 1) m; fewer than S are left over.
 *   <li>Strand 0 begins with b, or the start that is given in its place; the others with +0.
 *   <li>Within a strand, columns go from left to right: t = fma(W[row][column], x[column], t), a
 *       multiply-add that rounds once.
 *   <li>The strands are added: t0 + t1, or (t0 + t1) + (t2 + t3).
 *   <li>Onto that sum go the columns left over, from left to right, as within a strand.
 * </ul>
 *
 * Strands are there so that few rows still give enough multiply-adds that do not wait for one
 * another. No product reads from two x at once; several keys in one product would be a method
 * beside these, with the same order for each of its columns.
 */
public interface Affine {
  /** Length of y: the rows of W. */
  int rows();

  /** Length of x: the columns of W. */
  int columns();

  /** How many numbers W has, and so the multiply-adds of a product. */
  default long size() {
    return (long) rows() * columns();
  }

  /**
   * Copies a row of W back out of the packed weights.
   *
   * @param w receives [columns] from {@code at}
   */
  void row(int row, float[] w, int at);

  /**
   * {@code y = W x + b}.
   *
   * @param x holds [columns] from {@code xAt}
   * @param y receives [rows] from {@code yAt}, and nothing beside them; another array than x
   */
  void apply(float[] x, int xAt, float[] y, int yAt);

  /**
   * {@code y = W x + start}: b is left out.
   *
   * @param start holds [rows] from {@code startAt}
   * @param x holds [columns] from {@code xAt}
   * @param y receives [rows] from {@code yAt}, and nothing beside them; another array than x and
   *     start
   */
  void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt);

  /**
   * The product with the one-hot vector of a column, whose bits it gives: b + W[.][column].
   *
   * @param y receives [rows] from {@code yAt}, and nothing beside them
   */
  void applyOneHot(int column, float[] y, int yAt);

  /**
   * In how many blocks of rows the product can be computed, each by itself and in any order. As
   * many for all products of one kernel with as many rows, but for the moment in which a kernel
   * changes the way it computes.
   */
  default int blocks() {
    return 1;
  }

  /**
   * A block's rows of {@link #apply(float[], int, float[], int)}, with the same bits.
   *
   * @param block from 0
   * @param blocks what {@link #blocks} said, or 1 for all rows
   */
  default void applyBlock(int block, int blocks, float[] x, int xAt, float[] y, int yAt) {
    apply(x, xAt, y, yAt);
  }

  /** A block's rows of {@link #applyFrom}, as {@link #applyBlock}. */
  default void applyBlockFrom(
      int block, int blocks, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    applyFrom(start, startAt, x, xAt, y, yAt);
  }

  /** {@link #apply(float[], int, float[], int)} of arrays that begin with x and y. */
  default void apply(float[] x, float[] y) {
    apply(x, 0, y, 0);
  }
}
