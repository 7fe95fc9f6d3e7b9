package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When the state of a sequence is created and removed, to the millisecond, and that nothing
 * remains.
 */
class RnnFunctionLifetimeTest {
  private static final long MINUTE = 60_000;
  private static final long TIMEOUT = 30 * MINUTE;
  private static final long GRAIN = TIMEOUT / 16; // 112.5 s

  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> forEver;
  private RnnFunction<String, Token, Prediction> halfAnHour;

  @BeforeEach
  void writeModel() throws Exception {
    forEver = GoldenCase.withNumbers(ModelDirectory.words(directory));
    halfAnHour = forEver.withIdleTimeout(Duration.ofMillis(TIMEOUT));
  }

  @Test
  void startOnNothingBeginsASequence() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      assertThat(harness.t(cat().first())).isEqualTo(1);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(cat())).isEqualTo(2);
      assertHolds(harness, 1, 1);
    }
  }

  @Test
  void startOnARunningSequenceForgetsItBeforeTheStep() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      StepBits first = harness.step(cat());
      assertThat(harness.t(cat())).isEqualTo(2);
      assertThat(harness.step(cat().first())).isEqualTo(first);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(cat())).isEqualTo(2);
    }
  }

  @Test
  void endForgetsTheSequenceAfterTheStep() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      StepBits first = harness.step(cat());
      assertThat(harness.t(cat().last())).isEqualTo(2);
      assertHolds(harness, 0, 0);
      assertThat(harness.step(cat())).isEqualTo(first);
      assertHolds(harness, 1, 1);
    }
  }

  @Test
  void endOnNothingIsASequenceOfOneStep() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      assertThat(harness.t(cat().last())).isEqualTo(1);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void startAndEndInOneTokenEndsWhatRanAndLeavesNothing() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      StepBits first = harness.step(cat());
      assertThat(harness.t(cat())).isEqualTo(2);
      assertThat(harness.step(cat().first().last())).isEqualTo(first);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void endOfOneKeyLeavesTheOthers() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      assertThat(harness.t(Token.of("a", "cat"))).isEqualTo(1);
      assertThat(harness.t(Token.of("b", "sat"))).isEqualTo(1);
      assertThat(harness.t(Token.of("a", "sat").last())).isEqualTo(2);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(Token.of("b", "cat"))).isEqualTo(2);
    }
  }

  @Test
  void withoutATimeoutStateStaysAndNoTimerIsSet() throws Exception {
    try (RnnHarness harness = RnnHarness.open(forEver)) {
      assertThat(harness.t(cat())).isEqualTo(1);
      assertHolds(harness, 1, 0);
      harness.time(Duration.ofDays(3650).toMillis());
      assertHolds(harness, 1, 0);
      assertThat(harness.t(cat())).isEqualTo(2);
    }
  }

  /**
   * The first multiple of a sixteenth of the timeout that is at least the timeout after {@code
   * now}.
   */
  @ParameterizedTest
  @CsvSource({
    "1800000, 0, 1800000",
    "1800000, 1, 1912500",
    "1800000, 112499, 1912500",
    "1800000, 112500, 1912500",
    "1800000, 112501, 2025000",
    "1800000, 1800000000001, 1800001912500",
    "1000, 5, 1054", // a sixteenth is 62 ms; 17 * 62
    "16, 3, 19",
    "5, 100, 105", // a sixteenth is below 1 ms
    "1, 100, 101"
  })
  void expiresAtThatMillisecondAndNotBefore(long timeout, long now, long expires) throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        forEver.withIdleTimeout(Duration.ofMillis(timeout));
    try (RnnHarness harness = RnnHarness.restore(recurrence, null, now)) {
      StepBits first = harness.step(cat());
      assertHolds(harness, 1, 1);
      harness.time(expires - 1);
      assertHolds(harness, 1, 1);
      harness.time(expires);
      assertHolds(harness, 0, 0);
      assertThat(harness.step(cat())).isEqualTo(first);
      assertHolds(harness, 1, 1);
    }
  }

  @Test
  void aTokenTheMillisecondBeforeExpiryKeepsTheSequence() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      assertThat(harness.t(cat())).isEqualTo(1);
      harness.time(TIMEOUT - 1);
      assertThat(harness.t(cat())).isEqualTo(2);
      assertHolds(harness, 1, 1);
      harness.time(2 * TIMEOUT - 1);
      assertHolds(harness, 1, 1);
      harness.time(2 * TIMEOUT);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void activityMovesTheExpiryWithOneTimerAKey() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      for (int token = 0; token <= 100; token++) {
        harness.time(token * MINUTE);
        assertThat(harness.t(cat())).isEqualTo(token + 1);
        assertHolds(harness, 1, 1);
      }
      // The last token arrived at 100 min. 130 min is not a multiple of 112.5 s, but 131.25 min is.
      long expires = 70 * GRAIN;
      assertThat(expires).isBetween(130 * MINUTE, 130 * MINUTE + GRAIN);
      harness.time(expires - 1);
      assertHolds(harness, 1, 1);
      harness.time(expires);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void keysExpireEachAtItsOwnTime() throws Exception {
    try (RnnHarness harness = RnnHarness.open(halfAnHour)) {
      assertThat(harness.t(Token.of("a", "cat"))).isEqualTo(1);
      harness.time(GRAIN);
      assertThat(harness.t(Token.of("b", "cat"))).isEqualTo(1);
      assertHolds(harness, 2, 2);
      harness.time(TIMEOUT);
      assertHolds(harness, 1, 1);
      assertThat(harness.t(Token.of("b", "cat"))).isEqualTo(2);
      assertThat(harness.t(Token.of("a", "cat"))).isEqualTo(1);
    }
  }

  /** After a restart, a token can arrive before an overdue timer fires. */
  @Test
  void aTokenBeforeTheOverdueTimerStartsOver() throws Exception {
    try (RnnHarness before = RnnHarness.open(halfAnHour)) {
      StepBits first = before.step(cat());
      assertThat(before.t(cat())).isEqualTo(2);
      try (RnnHarness after = RnnHarness.restore(halfAnHour, before.snapshot(), TIMEOUT)) {
        assertHolds(after, 1, 1);
        assertThat(after.step(cat())).isEqualTo(first);
        assertHolds(after, 1, 1);
        assertThat(after.metrics().count("sequencesExpired")).isEqualTo(1);
        after.time(TIMEOUT); // the overdue timer was deleted, so nothing expires
        assertHolds(after, 1, 1);
        assertThat(after.metrics().count("sequencesExpired")).isEqualTo(1);
        after.time(2 * TIMEOUT);
        assertHolds(after, 0, 0);
        assertThat(after.metrics().count("sequencesExpired")).isEqualTo(2);
      }
    }
  }

  @Test
  void aLastTokenBeforeTheOverdueTimerLeavesNothing() throws Exception {
    try (RnnHarness before = RnnHarness.open(halfAnHour)) {
      assertThat(before.t(cat())).isEqualTo(1);
      try (RnnHarness after = RnnHarness.restore(halfAnHour, before.snapshot(), TIMEOUT)) {
        assertThat(after.t(cat().last())).isEqualTo(1);
        assertHolds(after, 0, 0);
      }
    }
  }

  private static Token cat() {
    return Token.of("k", "cat");
  }

  private static void assertHolds(RnnHarness harness, int entries, int timers) {
    assertThat(harness.entries()).as("state entries").isEqualTo(entries);
    assertThat(harness.timers()).as("timers").isEqualTo(timers);
  }
}
