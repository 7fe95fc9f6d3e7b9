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
  private static final int TERMS = 11;

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
    int k = Math.getExponent(u);
    double m = Math.scalb(u, -k);
    if (m > 2 * SQRT_HALF) {
      m /= 2;
      k++;
    }
    return k * LN2 + (ofMantissa(m - 1) + (lost / u + k * LN2_REST));
  }

  /** ln(1 + f) for 1 + f from √½ to √2. */
  private static double ofMantissa(double f) {
    double s = f / (2 + f);
    double square = s * s;
    double series = 1.0 / (2 * TERMS + 1);
    for (int odd = 2 * TERMS - 1; odd > 1; odd -= 2) {
      series = Math.fma(series, square, 1.0 / odd);
    }
    // 2 s + 2 s³ series, with 2 s = f - f s, as f is exact.
    return f - s * (f - 2 * square * series);
  }
}
