package io.github.flinkrnn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The errors of tanh, σ and e^z compared with StrictMath in double, over 16 million floats: every
 * exponent and both signs, each with every 256th fraction.
 */
class FloatMathTest {
  private static final int STEP = 256;

  private interface Curve {
    float apply(float z);
  }

  // The largest error in units of the last place of the correct result, where that is a normal
  // float.
  private static double ulps(Curve curve, DoubleUnaryOperator right, float from, float to) {
    double worst = 0;
    float at = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      float z = Float.intBitsToFloat((int) bits);
      if (!(z >= from && z <= to)) {
        continue;
      }
      double exact = right.applyAsDouble(z);
      double error = Math.abs(curve.apply(z) - exact) / Math.ulp((float) exact);
      if (error > worst) {
        worst = error;
        at = z;
      }
    }
    assertThat(at).isNotNaN();
    return worst;
  }

  private static double absolute(Curve curve, DoubleUnaryOperator right) {
    double worst = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      float z = Float.intBitsToFloat((int) bits);
      if (!Float.isNaN(z)) {
        worst = Math.max(worst, Math.abs(curve.apply(z) - right.applyAsDouble(z)));
      }
    }
    return worst;
  }

  private static double sigmoid(double z) {
    return 1 / (1 + StrictMath.exp(-z));
  }

  @Test
  void tanhIsWithinTwoAndAHalfUlps() {
    assertThat(ulps(FloatMath::tanh, StrictMath::tanh, -Float.MAX_VALUE, Float.MAX_VALUE))
        .isLessThan(2.5);
    assertThat(absolute(FloatMath::tanh, StrictMath::tanh)).isLessThan(1e-7);
  }

  @Test
  void sigmoidIsWithinTwoAndAHalfUlpsUnlessSubnormal() {
    assertThat(ulps(FloatMath::sigmoid, FloatMathTest::sigmoid, -87.3f, Float.MAX_VALUE))
        .isLessThan(2.5);
    assertThat(absolute(FloatMath::sigmoid, FloatMathTest::sigmoid)).isLessThan(1e-7);
  }

  @Test
  void expIsWithinOneAndAHalfUlpsUnlessSubnormal() {
    assertThat(ulps(FloatMath::exp, StrictMath::exp, -87.3f, 88)).isLessThan(1.5);
    assertThat(absolute(z -> FloatMath.exp(Math.min(0, z)), z -> StrictMath.exp(Math.min(0, z))))
        .isLessThan(1e-7);
  }

  @Test
  void tanhIsOddAndEndsInOne() {
    for (long bits = 0; bits <= Integer.MAX_VALUE; bits += STEP) {
      float z = Float.intBitsToFloat((int) bits);
      float y = FloatMath.tanh(z);
      if (Float.isNaN(z)) {
        assertThat(y).isNaN();
        continue;
      }
      boolean odd = Float.floatToIntBits(FloatMath.tanh(-z)) == Float.floatToIntBits(-y);
      boolean inside = y >= 0 && (z > 9.02f ? y == 1 : y <= 1);
      if (!odd || !inside) {
        assertThat(y).as("tanh %s", z).isNaN();
      }
    }
    assertThat(FloatMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(FloatMath.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(FloatMath.tanh(Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
  }

  @Test
  void isMonotonic() {
    assertThat(firstFall(FloatMath::tanh, 0.35f, 12)).isNaN();
    assertThat(firstFall(FloatMath::sigmoid, -90, -1)).isNaN();
    assertThat(firstFall(FloatMath::sigmoid, -1, 40)).isNaN();
    assertThat(firstFall(FloatMath::exp, -90, -1)).isNaN();
    assertThat(FloatMath.sigmoid(17.4f)).isEqualTo(1);
    assertThat(FloatMath.sigmoid(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(FloatMath.sigmoid(Math.nextDown(-88f))).isZero();
    assertThat(FloatMath.sigmoid(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.sigmoid(0)).isEqualTo(0.5f);
    assertThat(FloatMath.exp(0)).isEqualTo(1);
    assertThat(FloatMath.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.exp(1000)).isEqualTo(FloatMath.exp(88));
    assertThat(FloatMath.sigmoid(Float.NaN)).isNaN();
    assertThat(FloatMath.exp(Float.NaN)).isNaN();
  }

  private static float firstFall(Curve curve, float from, float to) {
    float before = curve.apply(from);
    float step = Math.max(Math.abs(from), Math.abs(to)) / (1 << 22);
    for (float z = from; z < to; z += step) {
      float y = curve.apply(z);
      if (y < before) {
        return z;
      }
      before = y;
    }
    return Float.NaN;
  }
}
