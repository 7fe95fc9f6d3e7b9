package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.SPECIES;

import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;

/**
 * Products of several x with two strands. A tile has four vectors of rows and four x, so its 16
 * accumulators stay in registers, and four loads of weights and four of x serve 16 multiply-adds. A
 * tile of two vectors and eight x, and lanes that belong to different x, were slower. Without
 * AVX-512, a CPU has 16 vector registers, and a tile has two x.
 */
final class TwoStrandsEach {
  private static final int GROUP = 4 * LANES;
  private static final float[][] ZEROS = {new float[GROUP]};
  static final boolean HAS_32_REGISTERS = LANES >= 16;
  static final int IN_A_TILE = HAS_32_REGISTERS ? 4 : 2;

  private TwoStrandsEach() {}

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
    float[] w = panels.weights();
    int width = panels.width();
    int inTiles = inTiles(count);
    int last = count - 1;
    for (int g = 0; g < panels.groups(); g++) {
      int row = panels.top(g);
      int from = startAt + row;
      int to = yAt + row;
      int at = panels.at(g);
      for (int i = 0; i < inTiles; i += IN_A_TILE) {
        columns(w, at, width, start, from, x, xAt, y, to, i, last, false);
        int second = at + panels.strandSize();
        columns(w, second, width, ZEROS, 0, x, xAt + width, y, to, i, last, true);
        if (panels.rest() > 0) {
          int rest = panels.restAt(g);
          columns(w, rest, panels.rest(), y, to, x, xAt + 2 * width, y, to, i, last, false);
        }
      }
      for (int i = inTiles; i < count; i++) {
        float[] own = start[start.length == 1 ? 0 : i];
        TwoStrands.group(panels, g, own, from, x[i], xAt, y[i], to);
      }
    }
  }

  /** How many of the x are computed in tiles. One or two are faster with single products. */
  static int inTiles(int count) {
    int left = count % IN_A_TILE;
    return left < 3 ? count - left : count;
  }

  /**
   * Adds columns to the accumulators of the x from {@code first} to {@code count}, tile by tile.
   * The other parameters are those of {@link #columnsOfFour}.
   */
  static void tiles(
      float[] w,
      int at,
      int width,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int first,
      int count,
      boolean adds) {
    for (int i = first; i < count; i += IN_A_TILE) {
      columns(w, at, width, from, fromAt, x, xAt, y, yAt, i, count - 1, adds);
    }
  }

  private static void columns(
      float[] w,
      int at,
      int width,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int i,
      int last,
      boolean adds) {
    if (HAS_32_REGISTERS) {
      columnsOfFour(w, at, width, from, fromAt, x, xAt, y, yAt, i, last, adds);
    } else {
      columnsOfTwo(w, at, width, from, fromAt, x, xAt, y, yAt, i, adds);
    }
  }

  /**
   * Adds columns to the accumulators of four x. If there are only three, the last one is computed
   * twice. With both strands in one method, the JIT compiler would give up in the warm-up.
   *
   * @param from where the accumulators start, of each, or a single one for all
   * @param adds whether y is added at the end
   */
  private static void columnsOfFour(
      float[] w,
      int at,
      int width,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int i,
      int last,
      boolean adds) {
    int i3 = Math.min(i + 3, last);
    float[] x0 = x[i];
    float[] x1 = x[i + 1];
    float[] x2 = x[i + 2];
    float[] x3 = x[i3];
    boolean single = from.length == 1;
    float[] from0 = from[single ? 0 : i];
    float[] from1 = from[single ? 0 : i + 1];
    float[] from2 = from[single ? 0 : i + 2];
    float[] from3 = from[single ? 0 : i3];
    FloatVector a0 = FloatVector.fromArray(SPECIES, from0, fromAt);
    FloatVector a1 = FloatVector.fromArray(SPECIES, from0, fromAt + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, from0, fromAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, from0, fromAt + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(SPECIES, from1, fromAt);
    FloatVector b1 = FloatVector.fromArray(SPECIES, from1, fromAt + LANES);
    FloatVector b2 = FloatVector.fromArray(SPECIES, from1, fromAt + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(SPECIES, from1, fromAt + 3 * LANES);
    FloatVector c0 = FloatVector.fromArray(SPECIES, from2, fromAt);
    FloatVector c1 = FloatVector.fromArray(SPECIES, from2, fromAt + LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, from2, fromAt + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, from2, fromAt + 3 * LANES);
    FloatVector d0 = FloatVector.fromArray(SPECIES, from3, fromAt);
    FloatVector d1 = FloatVector.fromArray(SPECIES, from3, fromAt + LANES);
    FloatVector d2 = FloatVector.fromArray(SPECIES, from3, fromAt + 2 * LANES);
    FloatVector d3 = FloatVector.fromArray(SPECIES, from3, fromAt + 3 * LANES);
    int end = xAt + width;
    int base = at - xAt * GROUP;
    for (int k = xAt; k < end; k++) { // the index of x, to save a register, of which none is left
      int p = base + k * GROUP;
      FloatVector w0 = FloatVector.fromArray(SPECIES, w, p);
      FloatVector w1 = FloatVector.fromArray(SPECIES, w, p + LANES);
      FloatVector w2 = FloatVector.fromArray(SPECIES, w, p + 2 * LANES);
      FloatVector w3 = FloatVector.fromArray(SPECIES, w, p + 3 * LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x0[k]);
      a0 = w0.fma(v, a0);
      a1 = w1.fma(v, a1);
      a2 = w2.fma(v, a2);
      a3 = w3.fma(v, a3);
      v = FloatVector.broadcast(SPECIES, x1[k]);
      b0 = w0.fma(v, b0);
      b1 = w1.fma(v, b1);
      b2 = w2.fma(v, b2);
      b3 = w3.fma(v, b3);
      v = FloatVector.broadcast(SPECIES, x2[k]);
      c0 = w0.fma(v, c0);
      c1 = w1.fma(v, c1);
      c2 = w2.fma(v, c2);
      c3 = w3.fma(v, c3);
      v = FloatVector.broadcast(SPECIES, x3[k]);
      d0 = w0.fma(v, d0);
      d1 = w1.fma(v, d1);
      d2 = w2.fma(v, d2);
      d3 = w3.fma(v, d3);
    }
    float[] y0 = y[i];
    float[] y1 = y[i + 1];
    float[] y2 = y[i + 2];
    float[] y3 = y[i3];
    if (adds) {
      a0 = a0.add(FloatVector.fromArray(SPECIES, y0, yAt));
      a1 = a1.add(FloatVector.fromArray(SPECIES, y0, yAt + LANES));
      a2 = a2.add(FloatVector.fromArray(SPECIES, y0, yAt + 2 * LANES));
      a3 = a3.add(FloatVector.fromArray(SPECIES, y0, yAt + 3 * LANES));
      b0 = b0.add(FloatVector.fromArray(SPECIES, y1, yAt));
      b1 = b1.add(FloatVector.fromArray(SPECIES, y1, yAt + LANES));
      b2 = b2.add(FloatVector.fromArray(SPECIES, y1, yAt + 2 * LANES));
      b3 = b3.add(FloatVector.fromArray(SPECIES, y1, yAt + 3 * LANES));
      c0 = c0.add(FloatVector.fromArray(SPECIES, y2, yAt));
      c1 = c1.add(FloatVector.fromArray(SPECIES, y2, yAt + LANES));
      c2 = c2.add(FloatVector.fromArray(SPECIES, y2, yAt + 2 * LANES));
      c3 = c3.add(FloatVector.fromArray(SPECIES, y2, yAt + 3 * LANES));
      d0 = d0.add(FloatVector.fromArray(SPECIES, y3, yAt));
      d1 = d1.add(FloatVector.fromArray(SPECIES, y3, yAt + LANES));
      d2 = d2.add(FloatVector.fromArray(SPECIES, y3, yAt + 2 * LANES));
      d3 = d3.add(FloatVector.fromArray(SPECIES, y3, yAt + 3 * LANES));
    }
    a0.intoArray(y0, yAt);
    a1.intoArray(y0, yAt + LANES);
    a2.intoArray(y0, yAt + 2 * LANES);
    a3.intoArray(y0, yAt + 3 * LANES);
    b0.intoArray(y1, yAt);
    b1.intoArray(y1, yAt + LANES);
    b2.intoArray(y1, yAt + 2 * LANES);
    b3.intoArray(y1, yAt + 3 * LANES);
    c0.intoArray(y2, yAt);
    c1.intoArray(y2, yAt + LANES);
    c2.intoArray(y2, yAt + 2 * LANES);
    c3.intoArray(y2, yAt + 3 * LANES);
    d0.intoArray(y3, yAt);
    d1.intoArray(y3, yAt + LANES);
    d2.intoArray(y3, yAt + 2 * LANES);
    d3.intoArray(y3, yAt + 3 * LANES);
  }

  /** The same for two x. */
  private static void columnsOfTwo(
      float[] w,
      int at,
      int width,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int i,
      boolean adds) {
    float[] x0 = x[i];
    float[] x1 = x[i + 1];
    boolean single = from.length == 1;
    float[] from0 = from[single ? 0 : i];
    float[] from1 = from[single ? 0 : i + 1];
    FloatVector a0 = FloatVector.fromArray(SPECIES, from0, fromAt);
    FloatVector a1 = FloatVector.fromArray(SPECIES, from0, fromAt + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, from0, fromAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, from0, fromAt + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(SPECIES, from1, fromAt);
    FloatVector b1 = FloatVector.fromArray(SPECIES, from1, fromAt + LANES);
    FloatVector b2 = FloatVector.fromArray(SPECIES, from1, fromAt + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(SPECIES, from1, fromAt + 3 * LANES);
    int end = xAt + width;
    int base = at - xAt * GROUP;
    for (int k = xAt; k < end; k++) {
      int p = base + k * GROUP;
      FloatVector w0 = FloatVector.fromArray(SPECIES, w, p);
      FloatVector w1 = FloatVector.fromArray(SPECIES, w, p + LANES);
      FloatVector w2 = FloatVector.fromArray(SPECIES, w, p + 2 * LANES);
      FloatVector w3 = FloatVector.fromArray(SPECIES, w, p + 3 * LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, x0[k]);
      a0 = w0.fma(v, a0);
      a1 = w1.fma(v, a1);
      a2 = w2.fma(v, a2);
      a3 = w3.fma(v, a3);
      v = FloatVector.broadcast(SPECIES, x1[k]);
      b0 = w0.fma(v, b0);
      b1 = w1.fma(v, b1);
      b2 = w2.fma(v, b2);
      b3 = w3.fma(v, b3);
    }
    float[] y0 = y[i];
    float[] y1 = y[i + 1];
    if (adds) {
      a0 = a0.add(FloatVector.fromArray(SPECIES, y0, yAt));
      a1 = a1.add(FloatVector.fromArray(SPECIES, y0, yAt + LANES));
      a2 = a2.add(FloatVector.fromArray(SPECIES, y0, yAt + 2 * LANES));
      a3 = a3.add(FloatVector.fromArray(SPECIES, y0, yAt + 3 * LANES));
      b0 = b0.add(FloatVector.fromArray(SPECIES, y1, yAt));
      b1 = b1.add(FloatVector.fromArray(SPECIES, y1, yAt + LANES));
      b2 = b2.add(FloatVector.fromArray(SPECIES, y1, yAt + 2 * LANES));
      b3 = b3.add(FloatVector.fromArray(SPECIES, y1, yAt + 3 * LANES));
    }
    a0.intoArray(y0, yAt);
    a1.intoArray(y0, yAt + LANES);
    a2.intoArray(y0, yAt + 2 * LANES);
    a3.intoArray(y0, yAt + 3 * LANES);
    b0.intoArray(y1, yAt);
    b1.intoArray(y1, yAt + LANES);
    b2.intoArray(y1, yAt + 2 * LANES);
    b3.intoArray(y1, yAt + 3 * LANES);
  }
}
