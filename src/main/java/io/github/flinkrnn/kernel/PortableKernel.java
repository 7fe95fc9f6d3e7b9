package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/** Computes with plain arrays and {@link Math#fma}, one instruction on current processors. */
@Internal
public final class PortableKernel implements Kernel {
  @Override
  public String name() {
    return "portable";
  }

  @Override
  public Affine affine(FMatrixRMaj weights, float[] bias) {
    return new PortableAffine(weights, bias);
  }

  @Override
  public void tanh(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.tanh(z[zAt + i]);
    }
  }

  @Override
  public void sigmoid(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.sigmoid(z[zAt + i]);
    }
  }

  @Override
  public void exp(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.exp(z[zAt + i]);
    }
  }

  // 0 x is 0 for a finite x, and else NaN. The four sums are independent of each other.
  @Override
  public boolean isFinite(float[] numbers, int at, int length) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = at;
    for (int end = at + length - 3; i < end; i += 4) {
      a += 0 * numbers[i];
      b += 0 * numbers[i + 1];
      c += 0 * numbers[i + 2];
      d += 0 * numbers[i + 3];
    }
    for (; i < at + length; i++) {
      a += 0 * numbers[i];
    }
    return a + b + c + d == 0;
  }

  @Override
  public void lstm(
      float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n) {
    for (int k = 0; k < n; k++) {
      float c = Math.fma(gates[n + k], previous[cAt + k], gates[k] * gates[3 * n + k]);
      next[cAt + k] = c;
      out[outAt + k] = gates[2 * n + k] * FloatMath.tanh(c);
    }
  }

  @Override
  public void gru(
      float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n) {
    for (int k = 0; k < n; k++) {
      float update = z[zAt + k];
      float rest = (1 - update) * FloatMath.tanh(candidate[k]);
      next[at + k] = Math.fma(update, previous[at + k], rest);
    }
  }

  @Override
  public void sum(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y) {
    sum(start, columns, x, rows, rowAt, y, 0);
  }

  /** The same for the numbers of y from {@code first}. */
  public void sum(
      float[] start,
      float[] columns,
      float[] x,
      float[][] rows,
      int[] rowAt,
      float[] y,
      int first) {
    float[] from = start;
    for (int k = 0; k < x.length; k++) {
      for (int i = first; i < y.length; i++) {
        y[i] = Math.fma(columns[k * y.length + i], x[k], from[i]);
      }
      from = y;
    }
    for (int k = 0; k < rows.length; k++) {
      for (int i = first; i < y.length; i++) {
        y[i] = from[i] + rows[k][rowAt[k] + i];
      }
      from = y;
    }
    if (from != y) {
      System.arraycopy(from, first, y, first, y.length - first);
    }
  }
}
