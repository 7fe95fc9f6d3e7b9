package io.github.flinkrnn.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class YardstickTest {
  @Test
  void theMedianIsOfWhatWasMeasuredSinceTheLast() {
    Yardstick yardstick = new Yardstick();
    assertThat(yardstick.isEmpty()).isTrue();

    yardstick.measure();

    assertThat(yardstick.isEmpty()).isFalse();
    assertThat(yardstick.median()).isPositive();
    assertThat(yardstick.isEmpty()).isTrue();
  }
}
