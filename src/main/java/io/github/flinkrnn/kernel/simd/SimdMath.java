package io.github.flinkrnn.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.flinkrnn.kernel.FloatMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link FloatMath} on arrays: the same operations in the same order. The last vector of an array
 * begins earlier than the one before it ends where the length is no multiple of the lanes: it
 * computes some numbers a second time.
 *
 * <p>One long method, for two reasons. Of a call that it does not put in line, the compiler makes
 * objects of the vectors that go in and come out; and three such loops put in line into one step
 * are more than it optimises. So nothing of this is outside, and the whole is larger (325 bytes of
 * code) than what it puts into callers.
 */
final class SimdMath {
  enum Curve {
    EXP,
    SIGMOID,
    TANH
  }

  private static final VectorSpecies<Float> SPECIES = SimdKernel.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int SIGN = 0x80000000;

  private SimdMath() {}

  /** Of at least one vector's numbers; y does not overlap z. */
  static void apply(Curve curve, float[] z, int zAt, float[] y, int yAt, int length) {
    boolean isTanh = curve == Curve.TANH;
    float from = isTanh ? -FloatMath.TANH_TO : FloatMath.EXP_FROM;
    float to =
        isTanh
            ? FloatMath.TANH_TO
            : curve == Curve.SIGMOID ? FloatMath.SIGMOID_TO : FloatMath.EXP_TO;
    int last = length - LANES;
    for (int i = 0; i < length; i += LANES) {
      int at = Math.min(i, last);
      FloatVector x = FloatVector.fromArray(SPECIES, z, zAt + at);
      IntVector sign = x.reinterpretAsInts().and(SIGN);
      FloatVector lowest = FloatVector.broadcast(SPECIES, from);
      x = x.blend(lowest, x.compare(LT, lowest)); // a NaN stays one
      FloatVector highest = FloatVector.broadcast(SPECIES, to);
      x = x.blend(highest, x.compare(GT, highest));
      if (isTanh) {
        x = x.reinterpretAsInts().and(~SIGN).reinterpretAsFloats();
        x = x.add(x);
      }
      FloatVector rounder = FloatVector.broadcast(SPECIES, FloatMath.ROUNDER);
      FloatVector t = x.fma(FloatVector.broadcast(SPECIES, FloatMath.LOG2_E), rounder);
      FloatVector n = t.sub(rounder);
      FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2), x);
      r = n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2_REST), r);
      FloatVector q =
          r.fma(
              FloatVector.broadcast(SPECIES, FloatMath.Q4),
              FloatVector.broadcast(SPECIES, FloatMath.Q3));
      q = q.fma(r, FloatVector.broadcast(SPECIES, FloatMath.Q2));
      q = q.fma(r, FloatVector.broadcast(SPECIES, FloatMath.Q1));
      q = q.fma(r, FloatVector.broadcast(SPECIES, FloatMath.Q0));
      r = r.mul(r).fma(q, r);
      IntVector bits = t.reinterpretAsInts().lanewise(LSHL, FloatMath.FRACTION_BITS);
      FloatVector scale = bits.add(FloatMath.ONE).reinterpretAsFloats();
      if (curve == Curve.EXP) {
        scale.fma(r, scale).intoArray(y, yAt + at);
      } else if (curve == Curve.SIGMOID) {
        FloatVector e = scale.fma(r, scale);
        e.div(e.add(FloatVector.broadcast(SPECIES, 1))).intoArray(y, yAt + at);
      } else {
        FloatVector e = scale.fma(r, scale.sub(FloatVector.broadcast(SPECIES, 1)));
        e = e.div(e.add(FloatVector.broadcast(SPECIES, 2)));
        e.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yAt + at);
      }
    }
  }
}
