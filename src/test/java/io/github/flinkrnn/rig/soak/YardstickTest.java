package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class YardstickTest {
  @Test
  void theMedianIsOfTheMeasurementsSinceTheLastCall() {
    Yardstick yardstick = new Yardstick();
    assertThat(yardstick.isEmpty()).isTrue();

    yardstick.measure();

    assertThat(yardstick.isEmpty()).isFalse();
    assertThat(yardstick.median()).isPositive();
    assertThat(yardstick.isEmpty()).isTrue();
  }
}
