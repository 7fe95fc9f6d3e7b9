package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The idle timeout in event time: only the times of the tokens decide, exactly, which tokens belong
 * to one sequence.
 */
class EventTimeIdleTest {
  private static final long TIMEOUT = 1600; // timers are at multiples of 100

  @TempDir private Path directory;

  @BeforeEach
  void writeTheModel() throws IOException {
    ModelDirectory.words(directory);
  }

  private RnnFunction<String, Token, Prediction> idle(long timeout) {
    return with(SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMillis(timeout), true));
  }

  private RnnFunction<String, Token, Prediction> with(SequenceOptions sequence) {
    return GoldenCase.withNumbers(directory).with(sequence).with(GoldenCase.NUMBERS.withEnds());
  }

  private static Token at(long time) {
    return Token.of("k", "cat").atTime(time);
  }

  private static void assertHolds(RnnHarness harness, int entries, int eventTimers) {
    assertThat(harness.entries()).as("state entries").isEqualTo(entries);
    assertThat(harness.eventTimers()).as("timers of event time").isEqualTo(eventTimers);
    assertThat(harness.timers()).as("timers of processing time").isZero();
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "99", "100", "1800000000017", "-3"})
  void aSequenceEndsAfterTheTimeoutButNotAMillisecondEarlier(long first) throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(first))).isEqualTo(1);
      assertThat(harness.t(at(first + 1599))).isEqualTo(2);
      assertThat(harness.ended()).isEmpty();
      assertThat(harness.t(at(first + 1599 + 1600))).isEqualTo(1);
      assertThat(harness.ended()).containsExactly("k 2 idle-timeout");
      assertHolds(harness, 1, 1);
    }
  }

  /** It does not matter how far behind the watermark is, or when the timer fires. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, 0, 1599, 1699})
  void theWatermarkDoesNotMatter(long watermark) throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(50))).isEqualTo(1); // expires at 1650; the timer is at 1700
      harness.watermark(watermark);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(at(1649))).isEqualTo(2);
    }
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(50))).isEqualTo(1);
      harness.watermark(watermark);
      assertThat(harness.t(at(1650))).isEqualTo(1);
    }
  }

  @Test
  void theTimerDropsTheStateOfASilentKey() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(50))).isEqualTo(1);
      harness.watermark(1699);
      assertHolds(harness, 1, 1);
      harness.watermark(1700);
      assertHolds(harness, 0, 0);
      assertThat(harness.ended()).containsExactly("k 1 idle-timeout");
      assertThat(harness.metrics().count("sequencesExpired")).isEqualTo(1);
    }
  }

  @Test
  void aBusyKeyHasOneTimer() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      for (int i = 0; i < 100; i++) {
        assertThat(harness.t(at(30L * i))).isEqualTo(i + 1);
        harness.watermark(30L * i);
        assertHolds(harness, 1, 1);
      }
      harness.watermark(4599); // the last token has the time 2970, so it expires at 4570
      assertHolds(harness, 1, 1);
      harness.watermark(4600);
      assertHolds(harness, 0, 0);
    }
  }

  /** The latest time of the tokens counts, not the time of the token that arrived last. */
  @Test
  void aTokenThatComesAfterALaterOneDoesNotShortenTheSequence() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(1000))).isEqualTo(1);
      assertThat(harness.t(at(200))).isEqualTo(2);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(at(2599))).isEqualTo(3);
      assertThat(harness.t(at(100))).isEqualTo(4);
      assertThat(harness.t(at(4199))).isEqualTo(1);
      assertThat(harness.ended()).containsExactly("k 4 idle-timeout");
      harness.watermark(5800);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void eachKeyHasItsOwnTimeout() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(Token.of("a", "cat").atTime(0))).isEqualTo(1);
      assertThat(harness.t(Token.of("b", "cat").atTime(1000))).isEqualTo(1);
      harness.watermark(1600);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(Token.of("b", "cat").atTime(2599))).isEqualTo(2);
      assertThat(harness.t(Token.of("a", "cat").atTime(1700))).isEqualTo(1);
    }
  }

  @Test
  void anEndLeavesNoTimer() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(0))).isEqualTo(1);
      assertThat(harness.t(at(1).last())).isEqualTo(2);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void timersAreRestoredAndFire() throws Exception {
    try (RnnHarness before = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(before.t(at(50))).isEqualTo(1);
      try (RnnHarness after = RnnHarness.restore(idle(TIMEOUT), before.snapshot(), 999_999)) {
        assertHolds(after, 1, 1);
        assertThat(after.t(at(1649))).isEqualTo(2);
        after.watermark(3299);
        assertHolds(after, 1, 1);
        after.watermark(3300);
        assertHolds(after, 0, 0);
      }
    }
  }

  @Test
  void aTokenWithoutATimeIsRejected() throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.process(Token.of("k", "cat"))).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      assertThat(harness.rejected().get(0).detail())
          .isEqualTo("timestamp: missing: expected a time, which this job needs");
      assertHolds(harness, 0, 0);
    }
  }

  /** At the ends of the range of times nothing overflows, and everything ends with the stream. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE - 5, Long.MAX_VALUE})
  void theExtremeTimesAreValid(long time) throws Exception {
    try (RnnHarness harness = RnnHarness.open(idle(TIMEOUT))) {
      assertThat(harness.t(at(time))).isEqualTo(1);
      assertHolds(harness, 1, 1);
      harness.endOfInput();
      assertHolds(harness, 0, 0);
    }
  }

  /** A waiting token does not shorten the silence before it. */
  @Test
  void aWaitingTokenEndsTheExpiredSequenceBeforeIt() throws Exception {
    SequenceOptions options =
        SequenceOptions.DEFAULT
            .withOrder(OrderOptions.of(OrderOptions.By.TIMESTAMP))
            .withIdleTimeout(Duration.ofMillis(TIMEOUT), true);
    for (List<Long> watermarks : List.of(List.of(1650L, 2000L, 9000L), List.of(9000L))) {
      try (RnnHarness harness = RnnHarness.open(with(options))) {
        assertThat(harness.process(at(0))).isEmpty();
        assertThat(harness.process(at(1700))).isEmpty();
        assertThat(harness.process(at(3299))).isEmpty();
        for (long watermark : watermarks) {
          harness.watermark(watermark);
        }
        assertThat(harness.all()).extracting("t").containsExactly(1L, 1L, 2L);
        assertThat(harness.ended()).containsExactly("k 1 idle-timeout", "k 2 idle-timeout");
        assertHolds(harness, 0, 0);
      }
    }
  }

  /** A token that waits after a gap when the stream ends is taken, and then no state remains. */
  @ParameterizedTest
  @EnumSource(OnGap.class)
  void theStreamEndsWhileANumberIsMissing(OnGap onGap) throws Exception {
    SequenceOptions options =
        SequenceOptions.DEFAULT
            .withOrder(OrderOptions.of(OrderOptions.By.SEQ).withGaps(onGap).from(0))
            .withIdleTimeout(Duration.ofMillis(TIMEOUT), true);
    try (RnnHarness harness = RnnHarness.open(with(options))) {
      assertThat(harness.t(at(0).at(0))).isEqualTo(1);
      assertThat(harness.process(at(100).at(2))).isEmpty();
      harness.endOfInput();
      List<Long> expected =
          switch (onGap) {
            case CONTINUE -> List.of(1L, 2L);
            case RESTART -> List.of(1L, 1L);
            case REJECT -> List.of(1L);
          };
      assertThat(harness.all()).extracting("t").isEqualTo(expected);
      assertThat(harness.rejected()).hasSize(onGap == OnGap.REJECT ? 1 : 0);
      assertThat(harness.entries()).as("state entries").isZero();
      assertThat(harness.eventTimers()).as("timers of event time").isZero();
    }
  }
}
