package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The metrics of the operator, under the names that dashboards use. */
class RnnFunctionMetricsTest {
  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> recurrence;

  @BeforeEach
  void writeModel() throws Exception {
    recurrence =
        GoldenCase.withNumbers(ModelDirectory.words(directory))
            .withIdleTimeout(Duration.ofMillis(1600));
  }

  @Test
  void countsNothingBeforeTheFirstToken() throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertCounts(harness, 0, 0, 0, 0, 0);
      assertThat(harness.metrics().samples("stepNanos")).isZero();
      for (Reason reason : Reason.values()) {
        assertThat(harness.metrics().count("reason." + reason.text() + ".rejected")).isZero();
      }
    }
  }

  @Test
  void namesTheKernel() throws Exception {
    String kernel = Kernel.best().name();
    assertThat(kernel).matches("simd-(128|256|512)");
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.metrics().gauge("kernel")).isEqualTo(kernel);
      assertThat(harness.metrics().gauge("vectorBits"))
          .isEqualTo(Integer.parseInt(kernel.substring(5)));
    }
  }

  @Test
  void countsHowSequencesBeginAndEnd() throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      Token token = Token.of("k", "cat");
      assertThat(harness.t(token)).isEqualTo(1);
      assertCounts(harness, 1, 1, 0, 0, 0);
      assertThat(harness.t(token)).isEqualTo(2);
      assertCounts(harness, 2, 1, 0, 0, 0);
      assertThat(harness.t(token.first())).isEqualTo(1); // ends one, starts one
      assertCounts(harness, 3, 2, 1, 0, 0);
      assertThat(harness.t(token.last())).isEqualTo(2);
      assertCounts(harness, 4, 2, 2, 0, 0);
      assertThat(harness.t(token.first())).isEqualTo(1); // starts a sequence without state
      assertCounts(harness, 5, 3, 2, 0, 0);
      assertThat(harness.t(token.first().last())).isEqualTo(1); // ends two
      assertCounts(harness, 6, 4, 4, 0, 0);
      assertThat(harness.t(token)).isEqualTo(1);
      harness.time(1600);
      assertCounts(harness, 7, 5, 4, 1, 0);
    }
  }

  @Test
  void countsEachReasonOnItsOwn() throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.process(Token.of("k", "zebra"))).isEmpty();
      assertThat(harness.process(Token.of("k", "yak"))).isEmpty();
      assertThat(harness.process(Token.of("k", (String) null))).isEmpty();
      assertThat(harness.metrics().count("reason.unknown-token.rejected")).isEqualTo(2);
      assertThat(harness.metrics().count("reason.missing-field.rejected")).isEqualTo(1);
      assertThat(harness.metrics().count("reason.not-finite.rejected")).isZero();
      assertCounts(harness, 0, 0, 0, 0, 0);
      assertThat(harness.metrics().samples("stepNanos")).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "16, 1", "17, 2", "32, 2", "33, 3", "160, 10"})
  void timesOneStepInSixteen(int steps, int timed) throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      for (int step = 1; step <= steps; step++) {
        assertThat(harness.t(Token.of("k", "cat"))).isEqualTo(step);
      }
      assertThat(harness.metrics().samples("stepNanos")).isEqualTo(timed);
      assertThat(harness.metrics().count("steps")).isEqualTo(steps);
    }
  }

  private static void assertCounts(
      RnnHarness harness, long steps, long started, long ended, long expired, long otherModel) {
    RecordedMetrics metrics = harness.metrics();
    assertThat(metrics.count("steps")).as("steps").isEqualTo(steps);
    assertThat(metrics.count("sequencesStarted")).as("started").isEqualTo(started);
    assertThat(metrics.count("sequencesEnded")).as("ended").isEqualTo(ended);
    assertThat(metrics.count("sequencesExpired")).as("expired").isEqualTo(expired);
    assertThat(metrics.count("sequencesOfAnotherModel")).as("other").isEqualTo(otherModel);
  }
}
