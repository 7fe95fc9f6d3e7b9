package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores of single outputs: rank, surprise, and the largest outputs. */
class ScoresTest {
  private static final float BIG = Float.MAX_VALUE;

  @Test
  void theRankCountsWhatIsLarger() {
    float[] logits = {0.5f, -1, 3, 2};
    assertThat(ranks(logits)).containsExactly(3, 4, 1, 2);
  }

  @Test
  void equalsShareTheirBestRank() {
    assertThat(ranks(1, 2, 1, 2, 0)).containsExactly(3, 1, 3, 1, 5);
    assertThat(ranks(7, 7, 7)).containsExactly(1, 1, 1);
    assertThat(ranks(0f, -0f)).containsExactly(1, 1);
    assertThat(ranks(-3)).containsExactly(1);
  }

  private static List<Integer> ranks(float... logits) {
    List<Integer> ranks = new ArrayList<>();
    for (int output = 0; output < logits.length; output++) {
      ranks.add(Scores.rank(logits, output));
    }
    return ranks;
  }

  /** For numbers of outputs that fill vectors of every width, and for one less and one more. */
  @ParameterizedTest
  @CsvSource({"2", "3", "7", "8", "15", "16", "17", "39", "1000"})
  void theSurpriseIsThatOfDoublePrecision(int outputs) {
    Random random = new Random(outputs);
    float[] logits = new float[outputs];
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < outputs; i++) {
        logits[i] = (float) (4 * random.nextGaussian());
      }
      for (int output = 0; output < outputs; output++) {
        double expected = surprise(logits, output);
        assertThat((double) Scores.surprise(logits, output))
            .isCloseTo(expected, within(1e-6 * Math.max(1, expected)));
      }
    }
  }

  private static double surprise(float[] logits, int output) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float z : logits) {
      largest = Math.max(largest, z);
    }
    double sum = 0;
    for (float z : logits) {
      sum += StrictMath.exp(z - largest);
    }
    return StrictMath.log(sum) + largest - logits[output];
  }

  @Test
  void equalLogitsAreAsSurprisingAsTheirNumber() {
    assertThat(Scores.surprise(new float[] {-2, -2}, 1)).isEqualTo((float) StrictMath.log(2));
    assertThat(Scores.surprise(new float[39], 38)).isEqualTo((float) StrictMath.log(39));
    assertThat(Scores.surprise(new float[] {5}, 0)).isZero();
  }

  /** As a float, the probability would be 0 or 1. */
  @Test
  void theSurpriseOfExtremeLogitsIsFinite() {
    assertThat(Scores.surprise(new float[] {1000, 0}, 1)).isEqualTo(1000);
    assertThat(Scores.surprise(new float[] {1000, 0}, 0)).isZero();
    assertThat(Scores.surprise(new float[] {-1000, 1000, -1000}, 2)).isEqualTo(2000);
    assertThat(Scores.surprise(new float[] {1e30f, 0}, 1)).isEqualTo(1e30f);
    assertThat(Scores.surprise(new float[] {BIG, BIG}, 0)).isEqualTo((float) StrictMath.log(2));
    assertThat(Scores.surprise(new float[] {-BIG, -BIG, -BIG}, 0))
        .isEqualTo((float) StrictMath.log(3));
    assertThat(Scores.surprise(new float[] {BIG, 0}, 1)).isEqualTo(BIG);
    assertThat(Scores.surprise(new float[] {BIG, -BIG}, 0)).isZero();
    assertThat(Scores.surprise(new float[] {BIG, -BIG}, 1)).isFinite().isGreaterThan(1e38f);
  }

  @Test
  void theLargestIsTheFirstOfEquals() {
    assertThat(Scores.largestAt(new float[] {1, 3, 3, 2})).isEqualTo(1);
    assertThat(Scores.largestAt(new float[] {-5})).isZero();
    assertThat(Scores.largestAt(new float[] {-5, -5, -6})).isZero();
    assertThat(Scores.largestAt(new float[] {0, 1, 2})).isEqualTo(2);
  }

  @Test
  void theLargestAreInDescendingOrderAndEqualsInAscendingIndex() {
    float[] numbers = {1, 5, 3, 5, -2, 3};
    assertThat(Scores.largestAt(numbers, 1)).containsExactly(1);
    assertThat(Scores.largestAt(numbers, 2)).containsExactly(1, 3);
    assertThat(Scores.largestAt(numbers, 3)).containsExactly(1, 3, 2);
    assertThat(Scores.largestAt(numbers, 4)).containsExactly(1, 3, 2, 5);
    assertThat(Scores.largestAt(numbers, 6)).containsExactly(1, 3, 2, 5, 0, 4);
    assertThat(Scores.largestAt(new float[] {7, 7, 7}, 3)).containsExactly(0, 1, 2);
    assertThat(Scores.largestAt(new float[] {7, 7, 7}, 2)).containsExactly(0, 1);
    assertThat(Scores.largestAt(new float[] {-1, -0f, 0, -0f}, 3)).containsExactly(1, 2, 3);
    assertThat(Scores.largestAt(new float[] {-BIG, BIG, -1}, 3)).containsExactly(1, 2, 0);
    assertThat(Scores.largestAt(numbers, 0)).isEmpty();
  }

  /** A stable sort gives the same result for any k. */
  @Test
  void theLargestAreThoseOfASort() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      float[] numbers = new float[1 + random.nextInt(40)];
      List<Integer> sorted = new ArrayList<>();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextInt(12) - 6; // with many equal numbers
        sorted.add(i);
      }
      sorted.sort((a, b) -> Float.compare(numbers[b], numbers[a]));
      int k = 1 + random.nextInt(numbers.length);
      assertThat(Scores.largestAt(numbers, k))
          .containsExactly(sorted.subList(0, k).stream().mapToInt(i -> i).toArray());
    }
  }
}
