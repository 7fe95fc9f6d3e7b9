package io.github.flinkrnn.cell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NonlinearityTest {
  @Test
  void tanhSaturatesAtOne() {
    assertThat(Nonlinearity.TANH.apply(0)).isZero();
    assertThat(Nonlinearity.TANH.apply(0.5f)).isEqualTo(0.46211717f);
    assertThat(Nonlinearity.TANH.apply(-0.5f)).isEqualTo(-0.46211717f);
    assertThat(Nonlinearity.TANH.apply(100)).isEqualTo(1);
    assertThat(Nonlinearity.TANH.apply(-Float.MAX_VALUE)).isEqualTo(-1);
    assertThat(Nonlinearity.TANH.apply(Float.NaN)).isNaN();
  }

  @Test
  void reluIsZeroBelowZero() {
    assertThat(Nonlinearity.RELU.apply(2.5f)).isEqualTo(2.5f);
    assertThat(Nonlinearity.RELU.apply(-2.5f)).isZero();
    assertThat(Float.floatToRawIntBits(Nonlinearity.RELU.apply(-0f))).isZero();
    assertThat(Nonlinearity.RELU.apply(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(Nonlinearity.RELU.apply(Float.NaN)).isNaN();
  }
}
