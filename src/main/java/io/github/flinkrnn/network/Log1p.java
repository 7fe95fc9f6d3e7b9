package io.github.flinkrnn.network;

/**
 * ln(1 + v) in double precision, with the same bits on every machine. {@code StrictMath} calls
 * native code for it, which costs more than the function.
 *
 * <p>1 + v = 2^k m, with m from √½ to √2, and ln(1 + v) = k ln 2 + ln m. With f = m - 1 and s = f /
 * (2 + f), ln m is 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), where |s| is at most 0.172, so that eleven
 * terms suffice. For k = 0, f is v itself. Otherwise the rounding error of 1 + v is added to ln m.
 */
final class Log1p {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double LN2 = 0x1.62e42feep-1; // its lowest 32 bits are zeros: k LN2 is exact
  private static final double LN2_REST = 0x1.a39ef35793c76p-33;
  private static final int MANTISSA_BITS = 52;
  private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;
  private static final long ONE_BITS = Double.doubleToRawLongBits(1);
  private static final long SQRT_HALF_BITS = Double.doubleToRawLongBits(SQRT_HALF);

  private Log1p() {}

  /** ln(1 + v); NaN below -1, -∞ for -1. */
  static double of(double v) {
    if (!(v > -1) || v == Double.POSITIVE_INFINITY) {
      return v == -1 ? Double.NEGATIVE_INFINITY : v > 0 ? v : Double.NaN;
    }
    if (v > SQRT_HALF - 1 && v < 2 * SQRT_HALF - 1) {
      return ofMantissa(v);
    }
    double u = 1 + v;
    double lost = v >= 1 ? 1 - (u - v) : v - (u - 1); // 1 + v - u
    // Without a branch, which a processor could not predict. u is never subnormal.
    long bits = Double.doubleToRawLongBits(u) + (ONE_BITS - SQRT_HALF_BITS);
    int k = (int) (bits >>> MANTISSA_BITS) - Double.MAX_EXPONENT;
    double m = Double.longBitsToDouble((bits & MANTISSA) + SQRT_HALF_BITS);
    return k * LN2 + (ofMantissa(m - 1) + (lost / u + k * LN2_REST));
  }

  /** ln(1 + f) for 1 + f from √½ to √2. */
  private static double ofMantissa(double f) {
    double s = f / (2 + f);
    double square = s * s;
    // 1/3 + s²/5 + … + s²⁰/23, in pairs, which a processor computes at the same time
    double fourth = square * square;
    double eighth = fourth * fourth;
    double low =
        Math.fma(Math.fma(1.0 / 9, square, 1.0 / 7), fourth, Math.fma(1.0 / 5, square, 1.0 / 3));
    double middle =
        Math.fma(
            Math.fma(1.0 / 17, square, 1.0 / 15), fourth, Math.fma(1.0 / 13, square, 1.0 / 11));
    double high = Math.fma(1.0 / 23, fourth, Math.fma(1.0 / 21, square, 1.0 / 19));
    double series = Math.fma(Math.fma(high, eighth, middle), eighth, low);
    // 2 s + 2 s³ series, with 2 s = f - f s, as f is exact.
    return f - s * (f - 2 * square * series);
  }
}
