package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void tanhSaturatesAtOne() {
    assertThat(Activation.TANH.apply(0)).isZero();
    // One float next to the nearest: FloatMath is within 3 ulps, and the same on every JVM.
    assertThat(Activation.TANH.apply(0.5f)).isEqualTo(0.46211714f);
    assertThat(Activation.TANH.apply(-0.5f)).isEqualTo(-0.46211714f);
    assertThat(Activation.TANH.apply(100)).isEqualTo(1);
    assertThat(Activation.TANH.apply(-Float.MAX_VALUE)).isEqualTo(-1);
    assertThat(Activation.TANH.apply(Float.NaN)).isNaN();
  }

  @Test
  void reluIsZeroBelowZero() {
    assertThat(Activation.RELU.apply(2.5f)).isEqualTo(2.5f);
    assertThat(Activation.RELU.apply(-2.5f)).isZero();
    assertThat(Float.floatToRawIntBits(Activation.RELU.apply(-0f))).isZero();
    assertThat(Activation.RELU.apply(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(Activation.RELU.apply(Float.NaN)).isNaN();
  }

  @Test
  void hardSigmoidsAreLinesWithTwoSlopes() {
    assertThat(Activation.HARD_SIGMOID_SIXTH.apply(0)).isEqualTo(0.5f);
    assertThat(Activation.HARD_SIGMOID_SIXTH.apply(1.5f)).isEqualTo(0.75f);
    assertThat(Activation.HARD_SIGMOID_SIXTH.apply(3)).isEqualTo(1);
    assertThat(Activation.HARD_SIGMOID_SIXTH.apply(-3.5f)).isZero();
    assertThat(Activation.HARD_SIGMOID_FIFTH.apply(0)).isEqualTo(0.5f);
    assertThat(Activation.HARD_SIGMOID_FIFTH.apply(1.5f)).isEqualTo(0.8f);
    assertThat(Activation.HARD_SIGMOID_FIFTH.apply(2.5f)).isEqualTo(1);
    assertThat(Activation.HARD_SIGMOID_FIFTH.apply(-2.6f)).isZero();
    assertThat(Activation.HARD_SIGMOID_FIFTH.apply(Float.NaN)).isNaN();
  }
}
