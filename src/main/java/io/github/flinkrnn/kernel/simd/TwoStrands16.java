package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.SPECIES;
import static io.github.flinkrnn.kernel.simd.VectorProduct.broadcast;
import static io.github.flinkrnn.kernel.simd.VectorProduct.load;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.flinkrnn.kernel.Panels;
import io.github.flinkrnn.kernel.WeightForm;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link TwoStrands} for weights of 16 bits, which are widened in registers. If the
 * weights come from memory, half as many bytes take half the time.
 */
final class TwoStrands16 {
  static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SimdKernel.SPECIES.vectorShape());

  /** The bits of the upper weight of a pair in the form BFLOAT16. */
  static final int UPPER = 0xffff0000;

  /** The bits of a weight in the form FLOAT16 after an arithmetic shift right by three. */
  static final int HALF = 0x8fffe000;

  private static final int PAIRS = 2 * LANES; // of a group in a column
  private static final float[] ZEROS = new float[4 * LANES];

  private TwoStrands16() {}

  static void brainFloats(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    int[] w = panels.pairs();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g);
    IntVector upper = IntVector.broadcast(INTS, UPPER);
    FloatVector a0 = load(start, startAt);
    FloatVector a1 = load(start, startAt + LANES);
    FloatVector a2 = load(start, startAt + 2 * LANES);
    FloatVector a3 = load(start, startAt + 3 * LANES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector b1 = b0;
    FloatVector b2 = b0;
    FloatVector b3 = b0;
    int end = xAt + width;
    int base = at - xAt * PAIRS;
    for (int k = xAt; k < end; k++) { // the index of x, which leaves more registers
      int p = base + k * PAIRS;
      int p1 = p + size;
      FloatVector x0 = broadcast(x[k]);
      IntVector v = IntVector.fromArray(INTS, w, p);
      a0 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a0);
      a1 = v.and(upper).reinterpretAsFloats().fma(x0, a1);
      v = IntVector.fromArray(INTS, w, p + LANES);
      a2 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a2);
      a3 = v.and(upper).reinterpretAsFloats().fma(x0, a3);
      FloatVector x1 = broadcast(x[width + k]);
      v = IntVector.fromArray(INTS, w, p1);
      b0 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x1, b0);
      b1 = v.and(upper).reinterpretAsFloats().fma(x1, b1);
      v = IntVector.fromArray(INTS, w, p1 + LANES);
      b2 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x1, b2);
      b3 = v.and(upper).reinterpretAsFloats().fma(x1, b3);
    }
    a0 = a0.add(b0);
    a1 = a1.add(b1);
    a2 = a2.add(b2);
    a3 = a3.add(b3);
    int rest = panels.rest();
    int restAt = panels.restAt(g);
    for (int k = 0; k < rest; k++) {
      int p = restAt + k * PAIRS;
      FloatVector x0 = broadcast(x[xAt + 2 * width + k]);
      IntVector v = IntVector.fromArray(INTS, w, p);
      a0 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a0);
      a1 = v.and(upper).reinterpretAsFloats().fma(x0, a1);
      v = IntVector.fromArray(INTS, w, p + LANES);
      a2 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a2);
      a3 = v.and(upper).reinterpretAsFloats().fma(x0, a3);
    }
    a0.intoArray(y, yAt);
    a1.intoArray(y, yAt + LANES);
    a2.intoArray(y, yAt + 2 * LANES);
    a3.intoArray(y, yAt + 3 * LANES);
  }

  static void halves(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    int[] w = panels.pairs();
    int width = panels.width();
    int at = panels.at(g);
    halves(w, at, width, start, startAt, x, xAt, y, yAt, false);
    halves(w, at + panels.strandSize(), width, ZEROS, 0, x, xAt + width, y, yAt, true);
    if (panels.rest() > 0) {
      int restAt = panels.restAt(g);
      halves(w, restAt, panels.rest(), y, yAt, x, xAt + 2 * width, y, yAt, false);
    }
  }

  /**
   * Adds columns to accumulators. With both strands in one method, the JIT compiler would give up.
   *
   * @param from where the accumulators start
   * @param adds whether y is added at the end
   */
  private static void halves(
      int[] w,
      int at,
      int width,
      float[] from,
      int fromAt,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      boolean adds) {
    IntVector half = IntVector.broadcast(INTS, HALF);
    FloatVector scale = broadcast(WeightForm.HALF_SCALE);
    FloatVector a0 = load(from, fromAt);
    FloatVector a1 = load(from, fromAt + LANES);
    FloatVector a2 = load(from, fromAt + 2 * LANES);
    FloatVector a3 = load(from, fromAt + 3 * LANES);
    for (int k = 0; k < width; k++) {
      int p = at + k * PAIRS;
      FloatVector x0 = broadcast(x[xAt + k]);
      IntVector v = IntVector.fromArray(INTS, w, p);
      IntVector lower = v.lanewise(LSHL, 16);
      a0 = lower.lanewise(ASHR, 3).and(half).reinterpretAsFloats().mul(scale).fma(x0, a0);
      a1 = v.lanewise(ASHR, 3).and(half).reinterpretAsFloats().mul(scale).fma(x0, a1);
      v = IntVector.fromArray(INTS, w, p + LANES);
      lower = v.lanewise(LSHL, 16);
      a2 = lower.lanewise(ASHR, 3).and(half).reinterpretAsFloats().mul(scale).fma(x0, a2);
      a3 = v.lanewise(ASHR, 3).and(half).reinterpretAsFloats().mul(scale).fma(x0, a3);
    }
    if (adds) {
      a0 = a0.add(load(y, yAt));
      a1 = a1.add(load(y, yAt + LANES));
      a2 = a2.add(load(y, yAt + 2 * LANES));
      a3 = a3.add(load(y, yAt + 3 * LANES));
    }
    a0.intoArray(y, yAt);
    a1.intoArray(y, yAt + LANES);
    a2.intoArray(y, yAt + 2 * LANES);
    a3.intoArray(y, yAt + 3 * LANES);
  }
}
