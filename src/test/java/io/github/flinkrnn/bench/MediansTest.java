package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MediansTest {
  @Test
  void lieBetweenTheTwoInTheMiddle() {
    assertThat(Medians.median(List.of(9.0, 1.0, 4.0))).isEqualTo(4);
    assertThat(Medians.median(List.of(9.0, 1.0, 4.0, 6.0))).isEqualTo(5);
    assertThat(Medians.median(List.of(7.0))).isEqualTo(7);
    assertThat(Medians.median(List.of())).isNaN();
  }

  @Test
  void quantilesAreBetweenNeighbours() {
    double[] numbers = {10, 0, 5};

    assertThat(Medians.quantile(numbers, 0)).isEqualTo(0);
    assertThat(Medians.quantile(numbers, 0.25)).isEqualTo(2.5);
    assertThat(Medians.quantile(numbers, 0.75)).isEqualTo(7.5);
    assertThat(Medians.quantile(numbers, 1)).isEqualTo(10);
    assertThat(numbers).containsExactly(10, 0, 5);
  }

  @Test
  void theMedianOfTheRatiosIsNotTheRatioOfTheMedians() {
    Rates rates = new Rates(2);
    double[][] rounds = {{1, 1}, {10, 5}, {12, 2}};
    for (double[] round : rounds) {
      rates.add(0, round[0]);
      rates.add(1, round[1]);
    }

    assertThat(rates.ratio(0, 1)).isEqualTo(2);
    assertThat(rates.median(0) / rates.median(1)).isEqualTo(5);
  }
}
