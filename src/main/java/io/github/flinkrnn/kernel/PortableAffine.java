package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;

/** The product of {@link PortableKernel}: in each strand a few rows at a time, in registers. */
record PortableAffine(Panels panels) implements Affine {
  static PortableAffine of(FMatrixRMaj weights, float[] bias) {
    int group = Panels.strandsOf(weights.getNumRows()) == 2 ? 4 : 2;
    return new PortableAffine(Panels.of(weights, bias, group));
  }

  @Override
  public int rows() {
    return panels.rows();
  }

  @Override
  public int columns() {
    return panels.columns();
  }

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    applyFrom(panels.start(), 0, x, xAt, y, yAt);
  }

  @Override
  public void applyOneHot(int column, float[] y, int yAt) {
    panels.oneHot(column, y, yAt);
  }

  @Override
  public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    int groups = panels.groups();
    for (int g = 0; g < groups; g++) {
      int row = panels.top(g);
      if (panels.strands() == 2) {
        fourRows(panels, g, start, startAt + row, x, xAt, y, yAt + row);
      } else {
        int second = panels.rows() == 1 ? 0 : 1;
        twoRows(panels, g, start, startAt + row, x, xAt, y, yAt + row, second);
      }
    }
  }

  // Two strands.
  private static void fourRows(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    float[] w = panels.weights();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g);
    float a0 = start[startAt];
    float a1 = start[startAt + 1];
    float a2 = start[startAt + 2];
    float a3 = start[startAt + 3];
    float b0 = 0;
    float b1 = 0;
    float b2 = 0;
    float b3 = 0;
    for (int k = 0; k < width; k++) {
      float u = x[xAt + k];
      float v = x[xAt + width + k];
      int p = at + 4 * k;
      int q = p + size;
      a0 = Math.fma(w[p], u, a0);
      a1 = Math.fma(w[p + 1], u, a1);
      a2 = Math.fma(w[p + 2], u, a2);
      a3 = Math.fma(w[p + 3], u, a3);
      b0 = Math.fma(w[q], v, b0);
      b1 = Math.fma(w[q + 1], v, b1);
      b2 = Math.fma(w[q + 2], v, b2);
      b3 = Math.fma(w[q + 3], v, b3);
    }
    a0 += b0;
    a1 += b1;
    a2 += b2;
    a3 += b3;
    int p = panels.restAt(g);
    for (int k = 2 * width; k < panels.columns(); k++, p += 4) {
      float v = x[xAt + k];
      a0 = Math.fma(w[p], v, a0);
      a1 = Math.fma(w[p + 1], v, a1);
      a2 = Math.fma(w[p + 2], v, a2);
      a3 = Math.fma(w[p + 3], v, a3);
    }
    y[yAt] = a0;
    y[yAt + 1] = a1;
    y[yAt + 2] = a2;
    y[yAt + 3] = a3;
  }

  // Four strands. A matrix of one row is filled up with another, whose sum is overwritten: second
  // is then 0.
  private static void twoRows(
      Panels panels,
      int g,
      float[] start,
      int startAt,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int second) {
    float[] w = panels.weights();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g);
    float a0 = start[startAt];
    float a1 = start[startAt + second];
    float b0 = 0;
    float b1 = 0;
    float c0 = 0;
    float c1 = 0;
    float d0 = 0;
    float d1 = 0;
    for (int k = 0; k < width; k++) {
      int p = at + 2 * k;
      int xk = xAt + k;
      a0 = Math.fma(w[p], x[xk], a0);
      a1 = Math.fma(w[p + 1], x[xk], a1);
      b0 = Math.fma(w[p + size], x[xk + width], b0);
      b1 = Math.fma(w[p + size + 1], x[xk + width], b1);
      c0 = Math.fma(w[p + 2 * size], x[xk + 2 * width], c0);
      c1 = Math.fma(w[p + 2 * size + 1], x[xk + 2 * width], c1);
      d0 = Math.fma(w[p + 3 * size], x[xk + 3 * width], d0);
      d1 = Math.fma(w[p + 3 * size + 1], x[xk + 3 * width], d1);
    }
    a0 = (a0 + b0) + (c0 + d0);
    a1 = (a1 + b1) + (c1 + d1);
    int p = panels.restAt(g);
    for (int k = 4 * width; k < panels.columns(); k++, p += 2) {
      a0 = Math.fma(w[p], x[xAt + k], a0);
      a1 = Math.fma(w[p + 1], x[xAt + k], a1);
    }
    y[yAt + second] = a1;
    y[yAt] = a0;
  }
}
