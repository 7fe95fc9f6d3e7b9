package io.github.flinkrnn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** How far tanh, σ and e^z are from the true values, over all exponents; and their ends. */
class FloatMathTest {
  private static final int STEP = 4001; // of bit patterns: half a million positive numbers

  private interface Curve {
    float of(float z);
  }

  /** The largest distance in units of the last place of the true value's float. */
  private static double ulps(Curve curve, DoubleUnaryOperator truth, float from, float to) {
    double largest = 0;
    for (int bits = Float.floatToIntBits(from); bits < Float.floatToIntBits(to); bits += STEP) {
      for (float z : new float[] {Float.intBitsToFloat(bits), -Float.intBitsToFloat(bits)}) {
        double expected = truth.applyAsDouble(z);
        double distance = Math.abs(curve.of(z) - expected) / Math.ulp((float) expected);
        largest = Math.max(largest, distance);
      }
    }
    return largest;
  }

  @Test
  void tanhIsWithinThreeUlps() {
    assertThat(ulps(FloatMath::tanh, StrictMath::tanh, 0, 100)).isLessThan(3);
  }

  @Test
  void tanhIsWithinTwoTenMillionths() {
    double largest = 0;
    for (int bits = 0; bits < Float.floatToIntBits(100); bits += STEP) {
      float z = Float.intBitsToFloat(bits);
      largest = Math.max(largest, Math.abs(FloatMath.tanh(z) - StrictMath.tanh(z)));
    }
    assertThat(largest).isLessThan(2e-7);
  }

  @Test
  void sigmoidIsWithinThreeUlpsAboveMinus87() {
    DoubleUnaryOperator truth = z -> 1 / (1 + StrictMath.exp(-z));
    assertThat(ulps(FloatMath::sigmoid, truth, 0, 87)).isLessThan(3);
    double largest = 0;
    for (int bits = 0; bits < Float.floatToIntBits(200); bits += STEP) {
      for (float z : new float[] {Float.intBitsToFloat(bits), -Float.intBitsToFloat(bits)}) {
        largest = Math.max(largest, Math.abs(FloatMath.sigmoid(z) - truth.applyAsDouble(z)));
      }
    }
    assertThat(largest).isLessThan(2e-7);
  }

  @Test
  void expIsWithinTwoUlps() {
    assertThat(ulps(FloatMath::exp, StrictMath::exp, 0, 87)).isLessThan(2);
  }

  @Test
  void endsAreExact() {
    assertThat(FloatMath.tanh(10)).isEqualTo(1);
    assertThat(FloatMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(FloatMath.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(FloatMath.sigmoid(18)).isEqualTo(1);
    assertThat(FloatMath.sigmoid(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(FloatMath.sigmoid(-200)).isZero();
    assertThat(FloatMath.sigmoid(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.sigmoid(0)).isEqualTo(0.5f);
    assertThat(FloatMath.exp(0)).isEqualTo(1);
    assertThat(FloatMath.exp(-88)).isZero();
    assertThat(FloatMath.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.tanh(Float.NaN)).isNaN();
    assertThat(FloatMath.sigmoid(Float.NaN)).isNaN();
    assertThat(FloatMath.exp(Float.NaN)).isNaN();
  }

  @Test
  void tanhIsOddAndStaysBelowOne() {
    for (int bits = 0; bits < Float.floatToIntBits(1e30f); bits += STEP) {
      float z = Float.intBitsToFloat(bits);
      assertThat(Float.floatToIntBits(FloatMath.tanh(-z)))
          .isEqualTo(Float.floatToIntBits(-FloatMath.tanh(z)));
      assertThat(FloatMath.tanh(z)).isBetween(0f, 1f);
      assertThat(FloatMath.sigmoid(z)).isBetween(0.5f, 1f);
    }
  }
}
