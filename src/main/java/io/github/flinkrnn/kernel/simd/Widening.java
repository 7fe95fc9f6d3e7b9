package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.SPECIES;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.flinkrnn.kernel.WeightForm;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Widens weights of 16 bits to floats, which the tiles of {@link TwoStrandsEach} read. */
final class Widening {
  private static final int GROUP = 4 * LANES;

  private Widening() {}

  /**
   * Widens columns.
   *
   * @param pairs holds the weights, from {@code at}
   * @param into receives them, from {@code to}
   */
  static void columns(WeightForm form, int[] pairs, int at, int width, float[] into, int to) {
    if (form == WeightForm.BFLOAT16) {
      brainFloats(pairs, at, width * GROUP / 2, into, to);
    } else {
      halves(pairs, at, width * GROUP / 2, into, to);
    }
  }

  private static void brainFloats(int[] pairs, int at, int count, float[] into, int to) {
    IntVector upper = IntVector.broadcast(TwoStrands16.INTS, TwoStrands16.UPPER);
    for (int i = 0; i < count; i += LANES) {
      IntVector v = IntVector.fromArray(TwoStrands16.INTS, pairs, at + i);
      v.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, to + 2 * i);
      v.and(upper).reinterpretAsFloats().intoArray(into, to + 2 * i + LANES);
    }
  }

  private static void halves(int[] pairs, int at, int count, float[] into, int to) {
    IntVector half = IntVector.broadcast(TwoStrands16.INTS, TwoStrands16.HALF);
    for (int i = 0; i < count; i += LANES) {
      IntVector v = IntVector.fromArray(TwoStrands16.INTS, pairs, at + i);
      FloatVector a = v.lanewise(LSHL, 16).lanewise(ASHR, 3).and(half).reinterpretAsFloats();
      FloatVector b = v.lanewise(ASHR, 3).and(half).reinterpretAsFloats();
      a.mul(WeightForm.HALF_SCALE).intoArray(into, to + 2 * i);
      b.mul(WeightForm.HALF_SCALE).intoArray(into, to + 2 * i + LANES);
    }
  }

  /**
   * Widens columns in the form BFLOAT16, and adds them to the accumulators of the first four x. The
   * other parameters are those of {@link TwoStrandsEach}. The widening waits for nothing in memory
   * and the multiply-adds do not wait for it, so both together take little more time than the
   * multiply-adds.
   *
   * <p>Apart from the widening, it repeats {@link TwoStrandsEach}: in methods of this size, the JIT
   * compiler stops inlining helpers, and their vectors become objects.
   *
   * @param w receives the widened weights, from {@code wAt}
   */
  static void columnsOfFour(
      int[] pairs,
      int at,
      int width,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int last,
      boolean adds,
      float[] w,
      int wAt) {
    int i3 = Math.min(3, last);
    float[] x0 = x[0];
    float[] x1 = x[1];
    float[] x2 = x[2];
    float[] x3 = x[i3];
    boolean single = from.length == 1;
    float[] from0 = from[0];
    float[] from1 = from[single ? 0 : 1];
    float[] from2 = from[single ? 0 : 2];
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
    IntVector upper = IntVector.broadcast(TwoStrands16.INTS, TwoStrands16.UPPER);
    int end = xAt + width;
    int base = wAt - xAt * GROUP;
    int pairsBase = at - xAt * (GROUP / 2);
    for (int k = xAt; k < end; k++) {
      int q = pairsBase + k * (GROUP / 2);
      int p = base + k * GROUP;
      IntVector pair = IntVector.fromArray(TwoStrands16.INTS, pairs, q);
      FloatVector w0 = pair.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector w1 = pair.and(upper).reinterpretAsFloats();
      pair = IntVector.fromArray(TwoStrands16.INTS, pairs, q + LANES);
      FloatVector w2 = pair.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector w3 = pair.and(upper).reinterpretAsFloats();
      w0.intoArray(w, p);
      w1.intoArray(w, p + LANES);
      w2.intoArray(w, p + 2 * LANES);
      w3.intoArray(w, p + 3 * LANES);
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
    float[] y0 = y[0];
    float[] y1 = y[1];
    float[] y2 = y[2];
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
}
