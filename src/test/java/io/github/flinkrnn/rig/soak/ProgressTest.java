package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final Progress progress = new Progress();

  @BeforeEach
  void look() {
    progress.add(1000, 0);
    progress.add(3000, 0);
    progress.add(4000, 100);
    progress.add(6000, 500);
  }

  @Test
  void betweenTwoMeasurementsThePaceIsConstant() {
    assertThat(progress.millis(100)).isEqualTo(4000);
    assertThat(progress.millis(300)).isEqualTo(5000);
    assertThat(progress.perSecond(100, 500)).isEqualTo(200);
    assertThat(progress.perSecond(50, 300)).isEqualTo(250 / 1.5);
  }

  @Test
  void theFirstTokenEndsTheWaitForIt() {
    assertThat(progress.millis(1)).isEqualTo(3010);
  }

  @Test
  void whatWasNotTakenHasNoTime() {
    assertThatThrownBy(() -> progress.millis(501)).hasMessageContaining("501");
  }

  @Test
  void fewerThanBeforeIsAnotherStart() {
    assertThatThrownBy(() -> progress.add(7000, 499)).hasMessageContaining("started over");
  }
}
