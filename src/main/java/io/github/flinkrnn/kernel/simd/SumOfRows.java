package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.broadcast;
import static io.github.flinkrnn.kernel.simd.VectorProduct.load;

import jdk.incubator.vector.FloatVector;

/** The sum of columns and rows with vectors. Up to four vectors of y stay in registers. */
final class SumOfRows {
  private SumOfRows() {}

  /** Sums all whole vectors of y. Returns how many numbers these are. */
  static int vectors(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y) {
    int i = 0;
    for (; i <= y.length - 4 * LANES; i += 4 * LANES) {
      four(start, columns, x, rows, rowAt, y, i);
    }
    for (; i <= y.length - LANES; i += LANES) {
      one(start, columns, x, rows, rowAt, y, i);
    }
    return i;
  }

  private static void four(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y, int i) {
    FloatVector a = load(start, i);
    FloatVector b = load(start, i + LANES);
    FloatVector c = load(start, i + 2 * LANES);
    FloatVector d = load(start, i + 3 * LANES);
    int at = i;
    for (float number : x) {
      FloatVector factor = broadcast(number);
      a = load(columns, at).fma(factor, a);
      b = load(columns, at + LANES).fma(factor, b);
      c = load(columns, at + 2 * LANES).fma(factor, c);
      d = load(columns, at + 3 * LANES).fma(factor, d);
      at += y.length;
    }
    for (int k = 0; k < rows.length; k++) {
      float[] row = rows[k];
      at = rowAt[k] + i;
      a = a.add(load(row, at));
      b = b.add(load(row, at + LANES));
      c = c.add(load(row, at + 2 * LANES));
      d = d.add(load(row, at + 3 * LANES));
    }
    a.intoArray(y, i);
    b.intoArray(y, i + LANES);
    c.intoArray(y, i + 2 * LANES);
    d.intoArray(y, i + 3 * LANES);
  }

  private static void one(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y, int i) {
    FloatVector a = load(start, i);
    for (int k = 0; k < x.length; k++) {
      a = load(columns, k * y.length + i).fma(broadcast(x[k]), a);
    }
    for (int k = 0; k < rows.length; k++) {
      a = a.add(load(rows[k], rowAt[k] + i));
    }
    a.intoArray(y, i);
  }
}
