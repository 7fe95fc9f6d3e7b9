package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job that is restored with another idle timeout keeps its sequences, and applies the new
 * timeout.
 */
class RnnFunctionOtherTimeoutTest {
  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);
  private static final long EXPIRES = HALF_AN_HOUR.toMillis();
  private static final Token TOKEN = Token.of("k", "cat");

  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> forEver;

  @BeforeEach
  void writeModel() throws Exception {
    forEver = GoldenCase.withNumbers(ModelDirectory.words(directory));
  }

  @Test
  void fromForEverToHalfAnHourExpiresFromTheNextTokenOn() throws Exception {
    try (RnnHarness harness =
        RnnHarness.restore(forEver.withIdleTimeout(HALF_AN_HOUR), snapshotOf(forEver), EXPIRES)) {
      assertHolds(harness, 1, 0);
      assertThat(harness.t(TOKEN)).isEqualTo(2);
      assertHolds(harness, 1, 1);
      harness.time(2 * EXPIRES - 1);
      assertHolds(harness, 1, 1);
      harness.time(2 * EXPIRES);
      assertHolds(harness, 0, 0);
    }
  }

  @Test
  void fromHalfAnHourToForEverKeepsWhatItsTimerWouldHaveDropped() throws Exception {
    OperatorSubtaskState snapshot = snapshotOf(forEver.withIdleTimeout(HALF_AN_HOUR));
    try (RnnHarness harness = RnnHarness.restore(forEver, snapshot, 0)) {
      assertHolds(harness, 1, 1);
      harness.time(10 * EXPIRES);
      assertHolds(harness, 1, 0);
      assertThat(harness.t(TOKEN)).isEqualTo(2);
      assertHolds(harness, 1, 0);
      assertThat(harness.metrics().count("sequencesExpired")).isZero();
    }
  }

  @Test
  void fromHalfAnHourToForEverTakesTheTimerAwayWithTheNextToken() throws Exception {
    OperatorSubtaskState snapshot = snapshotOf(forEver.withIdleTimeout(HALF_AN_HOUR));
    try (RnnHarness harness = RnnHarness.restore(forEver, snapshot, EXPIRES)) {
      assertThat(harness.t(TOKEN)).isEqualTo(2);
      assertHolds(harness, 1, 0);
    }
  }

  @Test
  void aShorterTimeoutHoldsFromTheNextTokenOn() throws Exception {
    OperatorSubtaskState snapshot = snapshotOf(forEver.withIdleTimeout(HALF_AN_HOUR));
    RnnFunction<String, Token, Prediction> short16 =
        forEver.withIdleTimeout(Duration.ofMillis(1600));
    try (RnnHarness harness = RnnHarness.restore(short16, snapshot, 100)) {
      harness.time(EXPIRES - 1);
      assertHolds(harness, 1, 1);
      harness.time(EXPIRES);
      assertHolds(harness, 0, 0);
    }
    try (RnnHarness harness = RnnHarness.restore(short16, snapshot, 100)) {
      assertThat(harness.t(TOKEN)).isEqualTo(2);
      assertHolds(harness, 1, 1);
      harness.time(1700);
      assertHolds(harness, 0, 0);
    }
  }

  private static OperatorSubtaskState snapshotOf(RnnFunction<String, Token, Prediction> recurrence)
      throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.t(TOKEN)).isEqualTo(1);
      return harness.snapshot();
    }
  }

  private static void assertHolds(RnnHarness harness, int entries, int timers) {
    assertThat(harness.entries()).as("state entries").isEqualTo(entries);
    assertThat(harness.timers()).as("timers").isEqualTo(timers);
  }
}
