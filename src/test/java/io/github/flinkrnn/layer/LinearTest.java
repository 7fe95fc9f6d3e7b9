package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.EjmlKernel;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** A layer without a state, with numbers that were checked by hand. */
class LinearTest {
  private static final float[] NO_STATE = {};

  private static Linear linear(Activation g, float... b) {
    FMatrixRMaj w = FMatrixRMaj.wrap(2, 3, new float[] {1, 2, 3, -4, 0, 1});
    return new Linear(w, b.length == 0 ? null : b, g, new EjmlKernel());
  }

  private static float[] step(Linear layer) {
    float[] y = {50, 50, 50, 50};
    layer.stepper().step(new float[] {-7, 1, 10, 100}, 1, NO_STATE, NO_STATE, 0, y, 1);
    return y;
  }

  @Test
  void addsTheBiasAndAppliesTheActivation() {
    assertThat(step(linear(Activation.IDENTITY))).containsExactly(50, 321, 96, 50);
    assertThat(step(linear(Activation.IDENTITY, 0.5f, -100))).containsExactly(50, 321.5f, -4, 50);
    assertThat(step(linear(Activation.RELU, 0.5f, -100))).containsExactly(50, 321.5f, 0, 50);
  }

  @Test
  void startsFromAGivenInputProduct() {
    Linear layer = linear(Activation.RELU, 0.5f, -100);
    float[] sums = new float[3];
    layer.ofInput().apply(new float[] {1, 10, 100}, 0, sums, 1);
    assertThat(sums).containsExactly(0, 321.5f, -4);
    float[] y = new float[2];
    layer.stepper().stepFrom(sums, 1, NO_STATE, NO_STATE, 0, y, 0);
    assertThat(y).containsExactly(321.5f, 0);
  }

  @Test
  void keepsNothing() {
    Linear layer = linear(Activation.TANH);
    assertThat(layer.stateSize()).isZero();
    assertThat(layer.keepsOutput()).isFalse();
    assertThat(layer.inputSize()).isEqualTo(3);
    assertThat(layer.outputSize()).isEqualTo(2);
    assertThat(layer.multiplyAdds()).isEqualTo(6);
    assertThat(layer.type()).isEqualTo("linear (tanh)");
    assertThat(linear(Activation.IDENTITY).type()).isEqualTo("linear");
  }
}
