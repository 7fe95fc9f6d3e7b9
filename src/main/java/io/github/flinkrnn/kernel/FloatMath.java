package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;

/**
 * tanh, σ and e^z in float32, computed only with additions, multiplications, divisions and fma.
 * Each of these rounds once and in the same way on every machine, so the bits are the same for
 * scalars and for vectors of every width.
 *
 * <p>All three start with z = n ln 2 + r, where n is an integer and |r| &le; ln 2 / 2. n is z log2
 * e, rounded by adding and subtracting 1.5 · 2^23, because a float of that size has no fraction
 * bits. n ln 2 is subtracted in two parts; the second is the error of the float nearest to ln 2.
 * Then e^r - 1 = r + r² q(r), where q has degree 4. q is the minimax polynomial for the error
 * relative to r (1.4e-8) on that interval, found by reweighted least squares on Chebyshev nodes.
 * Each coefficient was rounded to float before the next ones were fitted. 2^n is assembled from the
 * bits of a float.
 */
@Internal
public final class FloatMath {
  /** log2 e. */
  public static final float LOG2_E = 1.442695f;

  /** A float of this size has no fraction; its last bits are an integer. */
  public static final float ROUNDER = 12582912f; // 1.5 · 2^23

  /** The float nearest to ln 2. */
  public static final float LN2 = 0x1.62e43p-1f;

  /** ln 2 less {@link #LN2}. */
  public static final float LN2_REST = -0x1.05c61p-29f;

  // q(r) = Q0 + Q1 r + Q2 r² + Q3 r³ + Q4 r⁴; the Taylor series has 1/2, 1/6, 1/24, 1/120, 1/720.
  public static final float Q0 = 0.5f;
  public static final float Q1 = 0x1.5554b2p-3f;
  public static final float Q2 = 0x1.5554c8p-5f;
  public static final float Q3 = 0x1.12266ep-7f;
  public static final float Q4 = 0x1.6d721ep-10f;

  /** Below this, e^z is 0, because 2^n would be less than the smallest normal float. */
  public static final float EXP_FROM = -88f;

  /** Above this, e^z has the value for this z. */
  public static final float EXP_TO = 88f;

  /** From this z on, tanh is 1. */
  public static final float TANH_TO = 10f;

  /** The bits of 1. */
  public static final int ONE = 0x3f800000;

  /** The number of fraction bits of a float. */
  public static final int FRACTION_BITS = 23;

  private FloatMath() {}

  /**
   * e^z for z &le; 0, as softmax needs it, and up to 88; a larger z counts as 88. Within 1.1 ulp; 0
   * below -87.7, where e^z is not a normal float. Monotonic.
   */
  public static float exp(float z) {
    return expFromBelow(z > EXP_TO ? EXP_TO : z);
  }

  /** σ(z) = 1 / (1 + e^-z), within 2.5 ulp and 1e-7; 0 below -88, 1 above 17.4. Monotonic. */
  public static float sigmoid(float z) {
    float y = 1 / (1 + expFromBelow(-z));
    return -z > EXP_TO ? 0 : y;
  }

  /**
   * tanh z, within 2.5 ulp and 1e-7, with the sign of z; ±1 from ±9.02. With E = e^2|z| - 1, it is
   * E / (E + 2) for E &lt; 1, which is precise near 0, and else 1 - 2 / (E + 2), which is
   * monotonic.
   */
  public static float tanh(float z) {
    float size = Math.abs(z);
    float twice = size > TANH_TO ? 2 * TANH_TO : size + size; // NaN stays NaN
    float t = Math.fma(twice, LOG2_E, ROUNDER);
    float scale = powerOfTwo(t);
    float e = Math.fma(scale, expm1(twice, t - ROUNDER), scale - 1);
    boolean large = e >= 1;
    float y = (large ? 2 : e) / (e + 2);
    return Math.copySign(large ? 1 - y : y, z);
  }

  // e^z for z up to EXP_TO.
  private static float expFromBelow(float z) {
    float y = z < EXP_FROM ? EXP_FROM : z;
    float t = Math.fma(y, LOG2_E, ROUNDER);
    float scale = powerOfTwo(t);
    return Math.fma(scale, expm1(y, t - ROUNDER), scale);
  }

  // e^r - 1 for r = z - n ln 2.
  private static float expm1(float z, float n) {
    float r = Math.fma(n, -LN2_REST, Math.fma(n, -LN2, z));
    float q = Math.fma(Math.fma(Math.fma(Math.fma(Q4, r, Q3), r, Q2), r, Q1), r, Q0);
    return Math.fma(r * r, q, r);
  }

  // 2^n for t = n + ROUNDER, whose nine lowest bits are those of n; 0 for n = -127.
  private static float powerOfTwo(float t) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(t) << FRACTION_BITS) + ONE);
  }
}
