package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.broadcast;
import static io.github.flinkrnn.kernel.simd.VectorProduct.load;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;

/** Products with four strands and fewer rows than two vectors: one vector for each strand. */
record FourStrandsNarrow(Panels panels, Scalars scalars) implements VectorProduct {
  private static final int GROUP = LANES;

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
    FloatVector a = load(start, startAt);
    FloatVector b = FloatVector.zero(SPECIES);
    FloatVector c = b;
    FloatVector d = b;
    for (int k = 0; k < width; k++) {
      int p = at + k * GROUP;
      int p1 = p + size;
      int p2 = p + 2 * size;
      int p3 = p + 3 * size;
      FloatVector x0 = broadcast(x[xAt + k]);
      a = load(w, p).fma(x0, a);
      FloatVector x1 = broadcast(x[xAt + width + k]);
      b = load(w, p1).fma(x1, b);
      FloatVector x2 = broadcast(x[xAt + 2 * width + k]);
      c = load(w, p2).fma(x2, c);
      FloatVector x3 = broadcast(x[xAt + 3 * width + k]);
      d = load(w, p3).fma(x3, d);
    }
    a = a.add(b).add(c.add(d));
    int rest = panels.rest();
    int restAt = panels.restAt(g);
    for (int k = 0; k < rest; k++) {
      int p = restAt + k * GROUP;
      FloatVector v = broadcast(x[xAt + 4 * width + k]);
      a = load(w, p).fma(v, a);
    }
    a.intoArray(y, yAt);
  }
}
