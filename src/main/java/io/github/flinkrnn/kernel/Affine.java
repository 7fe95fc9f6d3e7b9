package io.github.flinkrnn.kernel;

/** {@code y = W x + b} for one fixed W and b. Immutable, so that all threads share it. */
public interface Affine {
  /** Length of y: the rows of W. */
  int rows();

  /** Length of x: the columns of W. */
  int columns();

  /**
   * Computes y. The result depends on nothing but W, b and x: the same bits on every call, thread
   * and JVM.
   *
   * @param x [columns], or longer: the rest is not read
   * @param y [rows], or longer: overwritten from 0 to rows; never the same array as x
   */
  void apply(float[] x, float[] y);
}
