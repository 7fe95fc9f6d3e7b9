package io.github.flinkrnn.kernel;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/**
 * The product of {@link PortableKernel}. It adds four columns at a time to an array of accumulators
 * for each strand. The JIT compiler vectorizes such loops if every array is read at the loop index.
 * So each column is an array, and the accumulators are arrays of the thread.
 */
final class PortableAffine implements Affine {
  private static final int MOST_STRANDS = 4;
  private static final ThreadLocal<float[][]> SUMS =
      ThreadLocal.withInitial(() -> new float[MOST_STRANDS][0]);

  private final float[][] columns; // [columns][rows]
  private final float[] start; // b, or zeros

  PortableAffine(FMatrixRMaj weights, float[] bias) {
    int rows = weights.getNumRows();
    if (bias != null && bias.length != rows) {
      throw new IllegalArgumentException(
          "expected a bias of " + rows + " numbers, found " + bias.length);
    }
    start = bias == null ? new float[rows] : bias.clone();
    for (int row = 0; row < rows; row++) {
      start[row] += 0f; // turns -0 into +0, so that added zeros of either sign give +0
    }
    columns = new float[weights.getNumCols()][rows];
    for (int column = 0; column < columns.length; column++) {
      for (int row = 0; row < rows; row++) {
        columns[column][row] = weights.get(row, column);
      }
    }
  }

  @Override
  public int rows() {
    return start.length;
  }

  @Override
  public int columns() {
    return columns.length;
  }

  @Override
  public void row(int row, float[] w, int at) {
    for (int column = 0; column < columns.length; column++) {
      w[at + column] = columns[column][row];
    }
  }

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    applyFrom(start, 0, x, xAt, y, yAt);
  }

  @Override
  public void applyFrom(float[] from, int fromAt, float[] x, int xAt, float[] y, int yAt) {
    int rows = rows();
    int strands = Panels.strandsOf(rows);
    int width = columns.length / strands;
    float[][] sums = sumsOfThisThread(rows);
    System.arraycopy(from, fromAt, sums[0], 0, rows);
    for (int strand = 0; strand < strands; strand++) {
      if (strand > 0) {
        Arrays.fill(sums[strand], 0, rows, 0);
      }
      add(strand * width, (strand + 1) * width, x, xAt, sums[strand]);
    }
    if (strands == 2) {
      addStrands(sums[0], sums[1], rows);
    } else {
      addStrands(sums[0], sums[1], sums[2], sums[3], rows);
    }
    add(strands * width, columns.length, x, xAt, sums[0]);
    System.arraycopy(sums[0], 0, y, yAt, rows);
  }

  @Override
  public void applyOneHot(int column, float[] y, int yAt) {
    for (int row = 0; row < start.length; row++) {
      y[yAt + row] = start[row] + columns[column][row];
    }
  }

  private static float[][] sumsOfThisThread(int rows) {
    float[][] sums = SUMS.get();
    if (sums[0].length < rows) {
      for (int strand = 0; strand < MOST_STRANDS; strand++) {
        sums[strand] = new float[rows];
      }
    }
    return sums;
  }

  // Adds the columns from {@code column} to {@code to}, each times its x, to the accumulators.
  private void add(int column, int to, float[] x, int xAt, float[] sums) {
    int rows = rows();
    int k = column;
    for (; k + 4 <= to; k += 4) {
      float[] u = columns[k];
      float[] v = columns[k + 1];
      float[] w = columns[k + 2];
      float[] z = columns[k + 3];
      int at = xAt + k;
      addFour(u, v, w, z, x[at], x[at + 1], x[at + 2], x[at + 3], sums, rows);
    }
    for (; k < to; k++) {
      addOne(columns[k], x[xAt + k], sums, rows);
    }
  }

  private static void addFour(
      float[] u,
      float[] v,
      float[] w,
      float[] z,
      float xu,
      float xv,
      float xw,
      float xz,
      float[] sums,
      int rows) {
    for (int i = 0; i < rows; i++) {
      float sum = Math.fma(v[i], xv, Math.fma(u[i], xu, sums[i]));
      sums[i] = Math.fma(z[i], xz, Math.fma(w[i], xw, sum));
    }
  }

  private static void addOne(float[] u, float xu, float[] sums, int rows) {
    for (int i = 0; i < rows; i++) {
      sums[i] = Math.fma(u[i], xu, sums[i]);
    }
  }

  private static void addStrands(float[] a, float[] b, int rows) {
    for (int i = 0; i < rows; i++) {
      a[i] += b[i];
    }
  }

  private static void addStrands(float[] a, float[] b, float[] c, float[] d, int rows) {
    for (int i = 0; i < rows; i++) {
      a[i] = (a[i] + b[i]) + (c[i] + d[i]);
    }
  }
}
