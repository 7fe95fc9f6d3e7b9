package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rig.faults.Counts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each criterion, exactly at its limit. */
class VerdictTest {
  private static List<Tenth> tenths(double... rates) {
    List<Tenth> tenths = new ArrayList<>();
    for (double rate : rates) {
      tenths.add(
          new Tenth(tenths.size() + 1, rate, 0, 1, 0, 0, 0, 0, Optional.empty(), Optional.empty()));
    }
    return tenths;
  }

  private static List<Tenth> heaps(long... heaps) {
    List<Tenth> tenths = new ArrayList<>();
    for (long heap : heaps) {
      tenths.add(
          new Tenth(tenths.size() + 1, 0, 0, 1, 0, heap, 0, 0, Optional.empty(), Optional.empty()));
    }
    return tenths;
  }

  private static Checkpoint checkpoint(long millis, long added, long full) {
    return new Checkpoint(1, millis, 1, added, full);
  }

  @Test
  void theWarmUpEndsWithinATenthOrAtItsEnd() {
    assertThat(Verdict.firstAfterWarmUp(100, 10)).isEqualTo(2);
    assertThat(Verdict.firstAfterWarmUp(100, 11)).isEqualTo(3);
    assertThat(Verdict.firstAfterWarmUp(1000, 1)).isEqualTo(2);
    assertThat(Verdict.firstAfterWarmUp(40, 10)).isEqualTo(4);
  }

  @Test
  void throughputIsFlatWithinAFifthOfTheMedianAfterTheWarmUp() {
    assertThat(Verdict.throughput(tenths(1, 80, 100, 100, 100, 100, 100, 100, 100, 120), 2))
        .isEqualTo(
            new Verdict(
                "throughput",
                true,
                "tenths 2 to 10: median 100 tokens/s, from -20.0 to +20.0 % of it; at most 20 %;"
                    + " in the yardstick's time in place of seconds, from -20.0 to +20.0 %"));
    assertThat(Verdict.throughput(tenths(1, 79, 100, 100, 100, 100, 100, 100, 100, 100), 2).holds())
        .isFalse();
    assertThat(Verdict.throughput(tenths(1, 1, 100, 100, 100, 100, 100, 100, 100, 121), 3).holds())
        .isFalse();
    assertThat(Verdict.throughput(tenths(1, 1, 100, 100, 100, 100, 100, 100, 100, 100), 3).holds())
        .isTrue();
  }

  @Test
  void aSlowMachineIsReportedButNotExcused() {
    List<Tenth> tenths = tenths(1, 100, 100, 50);
    tenths.set(3, new Tenth(4, 50, 0, 2, 0, 0, 0, 0, Optional.empty(), Optional.empty()));

    assertThat(Verdict.throughput(tenths, 2))
        .isEqualTo(
            new Verdict(
                "throughput",
                false,
                "tenths 2 to 10: median 100 tokens/s, from -50.0 to +0.0 % of it; at most 20 %;"
                    + " in the yardstick's time in place of seconds, from +0.0 to +0.0 %"));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwo() {
    assertThat(Verdict.median(new double[] {1, 2, 4, 9})).isEqualTo(3);
    assertThat(Verdict.median(new double[] {1, 2, 9})).isEqualTo(2);
  }

  @Test
  void theHeapMayGrowByATenthSinceTheThirdTenth() {
    assertThat(Verdict.heap(heaps(1, 2, 10_000_000, 99_000_000, 11_000_000)))
        .isEqualTo(
            new Verdict(
                "heap",
                true,
                "live: 10.0 MB after tenth 3, 11.0 MB after the last: +10.0 %; at most +10 %"));
    assertThat(Verdict.heap(heaps(1, 2, 10_000_000, 11_000_001)).holds()).isFalse();
    assertThat(Verdict.heap(heaps(1, 2, 10_000_000, 1_000_000)).holds()).isTrue();
  }

  @Test
  void thePeakOfMemoryIsWhatCounts() {
    assertThat(Verdict.memory(2000, 2000).holds()).isTrue();
    assertThat(Verdict.memory(2001, 2000).holds()).isFalse();
  }

  @Test
  void stateMayBeATenthMoreOrLess() {
    assertThat(Verdict.state(110_000, 100, 1000).holds()).isTrue();
    assertThat(Verdict.state(110_100, 100, 1000).holds()).isFalse();
    assertThat(Verdict.state(89_900, 100, 1000))
        .isEqualTo(
            new Verdict(
                "state",
                false,
                "a savepoint has 899.0 bytes a key, predicted 1000: -10.1 %; at most 10 %"));
  }

  @Test
  void checkpointsOfTheWarmUpAreNotJudged() {
    List<Checkpoint> all =
        List.of(checkpoint(99, 50, 50), checkpoint(100, 20, 100), checkpoint(200, 40, 100));

    assertThat(Verdict.checkpoints(all, 100, 0))
        .isEqualTo(
            new Verdict(
                "checkpoints",
                true,
                "2 after the warm-up added 20 to 40 % of all they refer to, median 30 %;"
                    + " each less than 100 %; 0 failed"));
    assertThat(Verdict.checkpoints(all, 99, 0).holds()).isFalse();
    assertThat(Verdict.checkpoints(all, 100, 1).holds()).isFalse();
    assertThat(Verdict.checkpoints(all, 201, 0).holds()).isFalse();
  }

  @Test
  void anyErrorOfThePredictionsFails() {
    assertThat(Verdict.predictions(Counts.NONE, 1000, 10).holds()).isTrue();
    for (Counts wrong :
        List.of(
            new Counts(1, 0, 0, 0),
            new Counts(0, 1, 0, 0),
            new Counts(0, 0, 1, 0),
            new Counts(0, 0, 0, 1))) {
      assertThat(Verdict.predictions(wrong, 1000, 10).holds()).isFalse();
    }
  }

  @Test
  void aVerdictIsALine() {
    assertThat(new Verdict("heap", false, "grows").line()).isEqualTo("heap         NOT  grows\n");
    assertThat(new Verdict("heap", true, "does not").line())
        .isEqualTo("heap         ok   does not\n");
  }
}
