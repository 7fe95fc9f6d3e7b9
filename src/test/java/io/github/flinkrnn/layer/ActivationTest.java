package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.PortableKernel;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** PyTorch's values, in double, for -5, -1.5, -0.25, 0, 0.5, 3 and 25. */
  @ParameterizedTest
  @CsvSource({
    "LEAKY_RELU, -0.05 -0.015 -0.0025 0 0.5 3 25",
    "ELU, -0.993262053 -0.77686984 -0.221199217 0 0.5 3 25",
    "GELU, -1.433e-06 -0.100210802 -0.100323419 0 0.345731231 2.995950306 25",
    "GELU_TANH, -2.29e-07 -0.100428423 -0.100324649 0 0.34571401 2.996362608 25",
    "SILU, -0.033464255 -0.273638286 -0.109455875 0 0.311229666 2.85772238 25",
    "SOFTPLUS, 0.006715348 0.201413278 0.57593942 0.693147181 0.974076984 3.048587352 25",
  })
  void agreesWithPyTorch(Activation g, String values) {
    float[] z = {-5, -1.5f, -0.25f, 0, 0.5f, 3, 25};
    String[] expected = values.split(" ", -1);
    for (int i = 0; i < z.length; i++) {
      assertThat((double) g.apply(z[i]))
          .as("%s of %s", g, z[i])
          .isCloseTo(Double.parseDouble(expected[i]), within(3e-7));
    }
    assertThat(g.apply(Float.NaN)).isNaN();
  }

  /** Keras's values, in double, for -5, -1.5, -0.25, 0, 0.5, 3 and 25. */
  @ParameterizedTest
  @CsvSource({
    "LEAKY_RELU_FIFTH, -1 -0.3 -0.05 0 0.5 3 25",
    "SELU, -1.74625336 -1.36581435 -0.388890197 0 0.525350494 3.15210296 26.2675247",
    "EXPONENTIAL, 0.006737947 0.22313016 0.778800783 1 1.64872127 20.0855369 7.20048993e10",
    "SOFTSIGN, -0.833333333 -0.6 -0.2 0 0.333333333 0.75 0.961538462",
    "MISH, -0.033576238 -0.298099742 -0.129926964 0 0.375245211 2.986535 25",
    "LOG_SIGMOID, -5.00671535 -1.70141328 -0.82593942 -0.693147181 -0.474076984 -0.048587352 0",
    "RELU6, 0 0 0 0 0.5 3 6",
    "HARD_SILU, 0 -0.375 -0.114583333 0 0.291666667 3 25",
    "HARD_TANH, -1 -1 -0.25 0 0.5 1 1",
    "TANH_SHRINK, -4.0000908 -0.594851746 -0.005081338 0 0.037882843 2.00494525 24",
    "HARD_SHRINK, -5 -1.5 0 0 0 3 25",
    "SOFT_SHRINK, -4.5 -1 0 0 0 2.5 24.5",
    "SQUAREPLUS, 0.192582404 0.5 0.882782219 1 1.28077641 3.30277564 25.0399362",
    "SPARSE_PLUS, 0 0 0.140625 0.25 0.5625 3 25",
    "SPARSE_SIGMOID, 0 0 0.375 0.5 0.75 1 1",
  })
  void agreesWithKeras(Activation g, String values) {
    float[] z = {-5, -1.5f, -0.25f, 0, 0.5f, 3, 25};
    String[] expected = values.split(" ", -1);
    for (int i = 0; i < z.length; i++) {
      double value = Double.parseDouble(expected[i]);
      assertThat((double) g.apply(z[i]))
          .as("%s of %s", g, z[i])
          .isCloseTo(value, within(3e-7 * Math.max(1, value)));
    }
    assertThat(g.apply(Float.NaN)).isNaN();
  }

  /** Vectors and single numbers give the same bits, whatever the length. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void anArrayHasTheBitsOfItsNumbers(Activation g) {
    Random random = new Random(20261126);
    for (Kernel kernel : List.of(Kernel.best(), new PortableKernel())) {
      for (int length = 1; length <= 70; length++) {
        float[] z = new float[length + 3];
        for (int i = 0; i < z.length; i++) {
          z[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(4) - 1));
        }
        z[random.nextInt(z.length)] = List.of(Float.NaN, -0f, 0f, 90f, -90f).get(length % 5);
        float[] y = new float[length + 1];
        g.apply(kernel, z, 2, y, 1, length);
        for (int i = 0; i < length; i++) {
          assertThat(Float.floatToIntBits(y[1 + i]))
              .as("%s of %s, %s of %s", g, z[2 + i], i, length)
              .isEqualTo(Float.floatToIntBits(g.apply(z[2 + i])));
        }
      }
    }
  }
}
