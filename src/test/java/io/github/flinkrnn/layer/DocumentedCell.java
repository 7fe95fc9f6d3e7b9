package io.github.flinkrnn.layer;

import java.util.function.DoubleUnaryOperator;

/**
 * The equations in PyTorch's documentation of nn.GRU and nn.LSTM, gate by gate and in double
 * precision: what a cell must compute. Written from the documentation, not from the cells.
 *
 * @param ih W_ir|W_iz|W_in of a GRU, W_ii|W_if|W_ig|W_io of an LSTM, one below the other
 * @param hh W_hr|W_hz|W_hn, or W_hi|W_hf|W_hg|W_ho
 * @param bih and {@code bhh}: null without biases
 * @param hr W_hr of the projection of an LSTM, else null
 */
public record DocumentedCell(
    double[][] ih, double[][] hh, double[] bih, double[] bhh, double[][] hr) {
  /** The result of a step. {@code c} is null for a GRU. */
  public record After(double[] h, double[] c) {}

  /** h_t of a GRU. PyTorch's has the reset after the product, that of the paper before it. */
  public double[] gru(double[] x, double[] h, boolean resetAfter) {
    int n = h.length;
    double[] r = new double[n];
    double[] resetH = new double[n];
    for (int j = 0; j < n; j++) {
      r[j] = sigmoid(fromX(j, x) + fromH(j, h));
      resetH[j] = r[j] * h[j];
    }
    double[] next = new double[n];
    for (int j = 0; j < n; j++) {
      double z = sigmoid(fromX(n + j, x) + fromH(n + j, h));
      double reset = resetAfter ? r[j] * fromH(2 * n + j, h) : fromH(2 * n + j, resetH);
      double candidate = Math.tanh(fromX(2 * n + j, x) + reset);
      next[j] = (1 - z) * candidate + z * h[j];
    }
    return next;
  }

  /** h_t and c_t of an LSTM. */
  public After lstm(double[] x, double[] h, double[] c) {
    int n = c.length;
    double[] i = gate(0, n, x, h, DocumentedCell::sigmoid);
    double[] f = gate(1, n, x, h, DocumentedCell::sigmoid);
    double[] g = gate(2, n, x, h, Math::tanh);
    double[] o = gate(3, n, x, h, DocumentedCell::sigmoid);
    double[] nextC = new double[n];
    double[] nextH = new double[n];
    for (int j = 0; j < n; j++) {
      nextC[j] = f[j] * c[j] + i[j] * g[j];
      nextH[j] = o[j] * Math.tanh(nextC[j]);
    }
    return new After(hr == null ? nextH : product(hr, nextH), nextC);
  }

  private double[] gate(int block, int n, double[] x, double[] h, DoubleUnaryOperator function) {
    double[] gate = new double[n];
    for (int j = 0; j < n; j++) {
      gate[j] = function.applyAsDouble(fromX(block * n + j, x) + fromH(block * n + j, h));
    }
    return gate;
  }

  private double fromX(int row, double[] x) {
    return dot(ih[row], x) + (bih == null ? 0 : bih[row]);
  }

  private double fromH(int row, double[] h) {
    return dot(hh[row], h) + (bhh == null ? 0 : bhh[row]);
  }

  /** W v. */
  public static double[] product(double[][] w, double[] v) {
    double[] y = new double[w.length];
    for (int row = 0; row < y.length; row++) {
      y[row] = dot(w[row], v);
    }
    return y;
  }

  private static double dot(double[] row, double[] v) {
    if (row.length != v.length) {
      throw new IllegalArgumentException(row.length + " weights for " + v.length + " numbers");
    }
    double sum = 0;
    for (int k = 0; k < row.length; k++) {
      sum += row[k] * v[k];
    }
    return sum;
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
