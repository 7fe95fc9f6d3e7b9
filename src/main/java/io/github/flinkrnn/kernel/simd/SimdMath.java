package io.github.flinkrnn.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.flinkrnn.kernel.FloatMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link FloatMath} on arrays, with the same operations in the same order. If the length is not a
 * multiple of the lanes, the last vector overlaps the one before it and computes some numbers
 * again.
 *
 * <p>This is one long method for two reasons. The JIT compiler allocates objects for the vector
 * arguments and results of a call that it does not inline, so everything is in one method. And it
 * does not optimize three such loops inlined into one step, so the method is too large (325 bytes
 * of bytecode) to be inlined.
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

  /**
   * The length must be at least that of a vector, and y must not overlap z, unless it is z and the
   * length is a multiple of that of a vector.
   */
  static void apply(Curve curve, float[] z, int zAt, float[] y, int yAt, int length) {
    int last = length - LANES;
    for (int i = 0; i < length; i += LANES) {
      int at = Math.min(i, last);
      FloatVector x = FloatVector.fromArray(SPECIES, z, zAt + at);
      IntVector sign = x.reinterpretAsInts().and(SIGN);
      if (curve == Curve.TANH) {
        x = x.reinterpretAsInts().and(~SIGN).reinterpretAsFloats();
        FloatVector to = FloatVector.broadcast(SPECIES, FloatMath.TANH_TO);
        x = x.blend(to, x.compare(GT, to)); // NaN stays NaN
        x = x.add(x);
      } else {
        if (curve == Curve.SIGMOID) {
          x = x.neg();
        } else {
          FloatVector to = FloatVector.broadcast(SPECIES, FloatMath.EXP_TO);
          x = x.blend(to, x.compare(GT, to));
        }
        FloatVector from = FloatVector.broadcast(SPECIES, FloatMath.EXP_FROM);
        x = x.blend(from, x.compare(LT, from));
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
      FloatVector one = FloatVector.broadcast(SPECIES, 1);
      FloatVector result;
      if (curve == Curve.TANH) {
        FloatVector e = scale.fma(r, scale.sub(one));
        VectorMask<Float> large = e.compare(GE, one);
        FloatVector two = FloatVector.broadcast(SPECIES, 2);
        FloatVector part = e.blend(two, large).div(e.add(two));
        part = part.blend(one.sub(part), large);
        result = part.reinterpretAsInts().or(sign).reinterpretAsFloats();
      } else if (curve == Curve.SIGMOID) {
        FloatVector to = FloatVector.broadcast(SPECIES, FloatMath.EXP_TO);
        result = one.div(scale.fma(r, scale).add(one));
        result = result.blend(FloatVector.zero(SPECIES), x.compare(GT, to));
      } else {
        result = scale.fma(r, scale);
      }
      result.intoArray(y, yAt + at);
    }
  }
}
