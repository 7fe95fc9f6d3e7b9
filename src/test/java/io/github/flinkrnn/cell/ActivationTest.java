package io.github.flinkrnn.cell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void tanhSaturatesAtOne() {
    assertThat(Activation.TANH.apply(0)).isZero();
    assertThat(Activation.TANH.apply(0.5f)).isEqualTo(0.46211717f);
    assertThat(Activation.TANH.apply(-0.5f)).isEqualTo(-0.46211717f);
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
}
