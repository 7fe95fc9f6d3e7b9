package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.SPECIES;

import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;

/**
 * Products of several x with four strands: one vector of rows, four strands and four x at a time.
 * Its 16 accumulators do not wait for each other, while those of a single x do.
 */
final class FourStrandsEach {
  private FourStrandsEach() {}

  /**
   * y[i] = W x[i] + start[i].
   *
   * @param start of each, or a single one for all
   */
  static void apply(
      Panels panels,
      int count,
      float[][] start,
      int startAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt) {
    for (int g = 0; g < panels.groups(); g++) {
      int row = panels.top(g);
      for (int lane = 0; lane < panels.group(); lane += LANES) {
        int from = startAt + row + lane;
        for (int i = 0; i < count; i += 4) {
          tile(panels, g, lane, count - 1, i, start, from, x, xAt, y, yAt + row + lane);
        }
      }
    }
  }

  /** If fewer than four x are left, the last one is computed several times. */
  private static void tile(
      Panels panels,
      int g,
      int lane,
      int last,
      int i,
      float[][] start,
      int startAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt) {
    float[] w = panels.weights();
    int group = panels.group();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g) + lane;
    int i1 = Math.min(i + 1, last);
    int i2 = Math.min(i + 2, last);
    int i3 = Math.min(i + 3, last);
    float[] x0 = x[i];
    float[] x1 = x[i1];
    float[] x2 = x[i2];
    float[] x3 = x[i3];
    boolean single = start.length == 1;
    FloatVector a0 = FloatVector.fromArray(SPECIES, start[single ? 0 : i], startAt);
    FloatVector b0 = FloatVector.fromArray(SPECIES, start[single ? 0 : i1], startAt);
    FloatVector c0 = FloatVector.fromArray(SPECIES, start[single ? 0 : i2], startAt);
    FloatVector d0 = FloatVector.fromArray(SPECIES, start[single ? 0 : i3], startAt);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector a2 = a1;
    FloatVector a3 = a1;
    FloatVector b1 = a1;
    FloatVector b2 = a1;
    FloatVector b3 = a1;
    FloatVector c1 = a1;
    FloatVector c2 = a1;
    FloatVector c3 = a1;
    FloatVector d1 = a1;
    FloatVector d2 = a1;
    FloatVector d3 = a1;
    int k1 = xAt + width;
    int k2 = k1 + width;
    int k3 = k2 + width;
    for (int k = 0; k < width; k++) {
      int p = at + k * group;
      FloatVector v = FloatVector.fromArray(SPECIES, w, p);
      a0 = v.fma(FloatVector.broadcast(SPECIES, x0[xAt + k]), a0);
      b0 = v.fma(FloatVector.broadcast(SPECIES, x1[xAt + k]), b0);
      c0 = v.fma(FloatVector.broadcast(SPECIES, x2[xAt + k]), c0);
      d0 = v.fma(FloatVector.broadcast(SPECIES, x3[xAt + k]), d0);
      v = FloatVector.fromArray(SPECIES, w, p + size);
      a1 = v.fma(FloatVector.broadcast(SPECIES, x0[k1 + k]), a1);
      b1 = v.fma(FloatVector.broadcast(SPECIES, x1[k1 + k]), b1);
      c1 = v.fma(FloatVector.broadcast(SPECIES, x2[k1 + k]), c1);
      d1 = v.fma(FloatVector.broadcast(SPECIES, x3[k1 + k]), d1);
      v = FloatVector.fromArray(SPECIES, w, p + 2 * size);
      a2 = v.fma(FloatVector.broadcast(SPECIES, x0[k2 + k]), a2);
      b2 = v.fma(FloatVector.broadcast(SPECIES, x1[k2 + k]), b2);
      c2 = v.fma(FloatVector.broadcast(SPECIES, x2[k2 + k]), c2);
      d2 = v.fma(FloatVector.broadcast(SPECIES, x3[k2 + k]), d2);
      v = FloatVector.fromArray(SPECIES, w, p + 3 * size);
      a3 = v.fma(FloatVector.broadcast(SPECIES, x0[k3 + k]), a3);
      b3 = v.fma(FloatVector.broadcast(SPECIES, x1[k3 + k]), b3);
      c3 = v.fma(FloatVector.broadcast(SPECIES, x2[k3 + k]), c3);
      d3 = v.fma(FloatVector.broadcast(SPECIES, x3[k3 + k]), d3);
    }
    a0 = a0.add(a1).add(a2.add(a3));
    b0 = b0.add(b1).add(b2.add(b3));
    c0 = c0.add(c1).add(c2.add(c3));
    d0 = d0.add(d1).add(d2.add(d3));
    int rest = panels.rest();
    int restAt = panels.restAt(g) + lane;
    int k4 = k3 + width;
    for (int k = 0; k < rest; k++) {
      FloatVector v = FloatVector.fromArray(SPECIES, w, restAt + k * group);
      a0 = v.fma(FloatVector.broadcast(SPECIES, x0[k4 + k]), a0);
      b0 = v.fma(FloatVector.broadcast(SPECIES, x1[k4 + k]), b0);
      c0 = v.fma(FloatVector.broadcast(SPECIES, x2[k4 + k]), c0);
      d0 = v.fma(FloatVector.broadcast(SPECIES, x3[k4 + k]), d0);
    }
    a0.intoArray(y[i], yAt);
    b0.intoArray(y[i1], yAt);
    c0.intoArray(y[i2], yAt);
    d0.intoArray(y[i3], yAt);
  }
}
