package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rig.faults.Counts;
import org.junit.jupiter.api.Test;

class TallyTest {
  /** Three keys, 7 tokens. */
  private final Tally tally = new Tally(new int[] {2, 3, 2});

  @Test
  void allInOrderHasNoError() {
    for (int seq = 1; seq <= 2; seq++) {
      for (int key = 0; key < 3; key++) {
        tally.see(key, seq);
      }
    }
    assertThat(tally.counts()).isEqualTo(new Counts(1, 0, 0, 0));
    tally.see(1, 3);

    assertThat(tally.counts()).isEqualTo(Counts.NONE);
  }

  @Test
  void aRepeatedPredictionIsCountedOnce() {
    tally.see(0, 1);
    tally.see(0, 2);
    tally.see(0, 1);

    assertThat(tally.counts()).isEqualTo(new Counts(5, 1, 0, 0));
  }

  @Test
  void aPredictionOutOfOrderIsNotLost() {
    tally.see(2, 2);
    tally.see(2, 1);

    assertThat(tally.counts()).isEqualTo(new Counts(5, 0, 1, 0));
  }

  @Test
  void onlyTheNextPredictionsOfAKeyAreInOrder() {
    assertThat(tally.see(1, 1)).isTrue();
    assertThat(tally.see(1, 3)).isTrue();
    assertThat(tally.see(1, 2)).isFalse();
    assertThat(tally.see(1, 3)).isFalse();
    assertThat(tally.see(1, 4)).isFalse();
    assertThat(tally.see(-1, 1)).isFalse();

    assertThat(tally.counts()).isEqualTo(new Counts(4, 1, 1, 2));
  }

  @Test
  void aKeyMayHaveMostTokensAndAnotherNone() {
    Tally uneven = new Tally(new int[] {0, 70_000, 0, 1, 0});
    for (int seq = 1; seq <= 70_000; seq++) {
      uneven.see(1, seq);
    }
    uneven.see(0, 1);

    assertThat(uneven.keys()).isEqualTo(2);
    assertThat(uneven.counts()).isEqualTo(new Counts(1, 0, 0, 1));
    uneven.see(3, 1);
    assertThat(uneven.counts()).isEqualTo(new Counts(0, 0, 0, 1));
  }

  @Test
  void aPredictionOfAnUnsentTokenIsDifferent() {
    tally.see(-1, 1);
    tally.see(0, 0);
    tally.see(0, 3);
    tally.differs();

    assertThat(tally.counts()).isEqualTo(new Counts(7, 0, 0, 4));
  }
}
