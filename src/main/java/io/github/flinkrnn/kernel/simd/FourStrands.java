package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.broadcast;
import static io.github.flinkrnn.kernel.simd.VectorProduct.load;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;

/** Products with four strands: two vectors of rows for each strand. */
record FourStrands(Panels panels, Scalars scalars) implements VectorProduct {
  private static final int GROUP = 2 * LANES;

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    applyFrom(panels.start(), 0, x, xAt, y, yAt);
  }

  @Override
  public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    Affine atFirst = scalars.atFirst();
    if (atFirst != null) {
      atFirst.applyFrom(start, startAt, x, xAt, y, yAt);
      return;
    }
    int groups = panels.groups();
    for (int g = 0; g < groups; g++) {
      int row = panels.top(g);
      group(panels, g, start, startAt + row, x, xAt, y, yAt + row);
    }
  }

  @Override
  public void each(
      int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt) {
    FourStrandsEach.apply(panels, count, start, startAt, x, xAt, y, yAt);
  }

  private static void group(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    float[] w = panels.weights();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g);
    FloatVector a0 = load(start, startAt);
    FloatVector a1 = load(start, startAt + LANES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector b1 = b0;
    FloatVector c0 = b0;
    FloatVector c1 = b0;
    FloatVector d0 = b0;
    FloatVector d1 = b0;
    for (int k = 0; k < width; k++) {
      int p = at + k * GROUP;
      int p1 = p + size;
      int p2 = p + 2 * size;
      int p3 = p + 3 * size;
      FloatVector x0 = broadcast(x[xAt + k]);
      a0 = load(w, p).fma(x0, a0);
      a1 = load(w, p + LANES).fma(x0, a1);
      FloatVector x1 = broadcast(x[xAt + width + k]);
      b0 = load(w, p1).fma(x1, b0);
      b1 = load(w, p1 + LANES).fma(x1, b1);
      FloatVector x2 = broadcast(x[xAt + 2 * width + k]);
      c0 = load(w, p2).fma(x2, c0);
      c1 = load(w, p2 + LANES).fma(x2, c1);
      FloatVector x3 = broadcast(x[xAt + 3 * width + k]);
      d0 = load(w, p3).fma(x3, d0);
      d1 = load(w, p3 + LANES).fma(x3, d1);
    }
    a0 = a0.add(b0).add(c0.add(d0));
    a1 = a1.add(b1).add(c1.add(d1));
    int rest = panels.rest();
    int restAt = panels.restAt(g);
    for (int k = 0; k < rest; k++) {
      int p = restAt + k * GROUP;
      FloatVector v = broadcast(x[xAt + 4 * width + k]);
      a0 = load(w, p).fma(v, a0);
      a1 = load(w, p + LANES).fma(v, a1);
    }
    a0.intoArray(y, yAt);
    a1.intoArray(y, yAt + LANES);
  }
}
