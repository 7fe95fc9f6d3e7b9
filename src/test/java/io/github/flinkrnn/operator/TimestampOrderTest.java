package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens in the order of event time. */
class TimestampOrderTest {
  private static final Emit LAST = Emit.of(Emit.When.LAST);

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory);
  }

  private static OrderOptions order() {
    return OrderOptions.of(By.TIMESTAMP).withWaiting(Duration.ofSeconds(1), 10);
  }

  private RnnFunction<String, Token, Prediction> function(OrderOptions order) throws Exception {
    return GoldenCase.withNumbers(model)
        .with(SequenceOptions.DEFAULT.withOrder(order))
        .withFields(
            OutputField.HIDDEN,
            OutputField.LOGITS,
            OutputField.PREDICTION,
            OutputField.TIMESTAMP,
            OutputField.SEQ);
  }

  private static Token token(long time) {
    return Token.of("k", "cat").atTime(time);
  }

  private static List<Long> times(List<Prediction> predictions) {
    return predictions.stream().map(Prediction::timestamp).toList();
  }

  @Test
  void aTokenWaitsForTheWatermark() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      assertThat(harness.process(token(300))).isEmpty();
      assertThat(harness.process(token(100))).isEmpty();
      assertThat(harness.process(token(200))).isEmpty();
      assertThat(harness.watermark(99)).isEmpty();
      assertThat(times(harness.watermark(200))).containsExactly(100L, 200L);
      assertThat(times(harness.watermark(1000))).containsExactly(300L);
      assertThat(harness.all()).extracting(Prediction::t).containsExactly(1L, 2L, 3L);
      assertThat(harness.eventTimers()).isZero();
      assertThat(harness.entries()).as("only the hidden state").isEqualTo(1);
    }
  }

  @Test
  void aTokenBeforeTheWatermarkIsLateAndTheSequenceContinues() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      harness.process(token(100));
      harness.watermark(150);
      assertThat(harness.process(token(150))).isEmpty();
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.LATE);
      assertThat(harness.rejected().get(0).detail())
          .isEqualTo("timestamp: expected at least 151, found 150");
      harness.process(token(151));
      assertThat(times(harness.watermark(200))).containsExactly(151L);
    }
  }

  @Test
  void tokensWithTheSameTimeAreTakenInArrivalOrderOrByNumber() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      for (long seq : new long[] {3, 1, 2}) {
        harness.process(Token.of("numbered", "cat").atTime(100).at(seq));
      }
      assertThat(harness.watermark(100)).extracting(Prediction::seq).containsExactly(1L, 2L, 3L);
      harness.process(Token.of("k", "cat").atTime(200).at(3));
      harness.process(Token.of("k", "cat").atTime(200));
      harness.process(Token.of("k", "cat").atTime(200).at(1));
      assertThat(harness.watermark(200)).extracting(Prediction::seq).containsExactly(3L, null, 1L);
    }
  }

  @Test
  void aFloodedKeyKeepsAtMostMaxBuffered() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      for (int i = 0; i < 500; i++) {
        harness.process(token(1000 + i));
        assertThat(harness.waiting()).isEqualTo(Math.min(i + 1, 10));
        assertThat(harness.eventTimers()).as("of the earliest").isEqualTo(1);
      }
      assertThat(harness.all()).hasSize(490);
      assertThat(harness.process(token(1488))).isEmpty();
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.LATE);
      assertThat(harness.watermark(Long.MAX_VALUE)).hasSize(10);
      assertThat(harness.process(Token.of("k", "cat").atTime(5).last())).isEmpty();
      assertThat(harness.waiting()).isZero();
      assertThat(harness.eventTimers()).isZero();
      assertThat(harness.entries()).as("only the hidden state").isEqualTo(1);
    }
  }

  @Test
  void aTokenWithoutATimeIsRejected() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      assertThat(harness.process(Token.of("k", "cat"))).isEmpty();
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.MISSING_FIELD);
      assertThat(harness.entries()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void shuffledRepeatedAndWithHolesItIsTheSequenceInOrder(int parallelism) throws Exception {
    Random random = new Random(parallelism);
    List<Token> sent = Arrivals.withHoles(Arrivals.inOrder(7, 150, random), 40, random);
    List<Token> arriving = Arrivals.repeated(Arrivals.shuffled(sent, 40, random), 10, random);
    List<StepBits> expected = new SequentialReference(RnnModel.load(model)).steps(sent);
    OrderedRun run = new OrderedRun(function(order().withoutDuplicates()), parallelism, random);
    long latest = 0;
    for (Token token : arriving) {
      run.process(token);
      latest = Math.max(latest, token.timestamp());
      run.watermark(latest - 7000);
    }
    run.watermark(Long.MAX_VALUE);
    assertThat(OrderedRun.byKey(run.steps())).isEqualTo(OrderedRun.byKey(expected));
    assertThat(run.duplicates()).isEqualTo(arriving.size() - sent.size());
    assertThat(run.rejected()).isZero();
    assertThat(run.restores()).as("the test restores several times").isGreaterThan(3);
    run.close();
  }

  /**
   * The last prediction is emitted at the end of the stream, even if a token was taken ahead of the
   * watermark.
   */
  @Test
  void aTokenTakenAheadAtTheLastTimeKeepsTheTimerOfTheLastPrediction() throws Exception {
    RnnFunction<String, Token, Prediction> last =
        function(order().withWaiting(Duration.ofSeconds(1), 1))
            .with(OutputOptions.DEFAULT.withFields(List.of(OutputField.TIMESTAMP)).withEmit(LAST));
    try (RnnHarness harness = RnnHarness.open(last)) {
      harness.process(token(Long.MAX_VALUE));
      harness.process(token(Long.MAX_VALUE));
      assertThat(harness.waiting()).as("both have the same time").isZero();
      assertThat(harness.all()).isEmpty();
      assertThat(times(harness.watermark(Long.MAX_VALUE))).containsExactly(Long.MAX_VALUE);
      assertThat(harness.eventTimers()).isZero();
    }
  }

  /**
   * One timer serves the token and the idle timeout. The token is taken ahead of it, and the timer
   * still ends the sequence.
   */
  @Test
  void aTokenTakenAheadKeepsTheTimerOfTheIdleTimeout() throws Exception {
    RnnFunction<String, Token, Prediction> silent =
        GoldenCase.withNumbers(model)
            .with(
                SequenceOptions.DEFAULT
                    .withOrder(order())
                    .withIdleTimeout(Duration.ofMillis(1600), true));
    try (RnnHarness harness = RnnHarness.open(silent)) {
      harness.process(token(0));
      harness.watermark(0);
      assertThat(harness.all()).hasSize(1);
      harness.process(token(1600)); // exactly when the sequence of the token at 0 expires
      assertThat(harness.eventTimers()).as("one timer for both").isEqualTo(1);
      for (int i = 1; i <= 10; i++) {
        harness.process(token(1600 + i));
      }
      assertThat(harness.all()).hasSize(2);
      assertThat(harness.all().get(1).t()).as("a new sequence").isEqualTo(1);
      harness.watermark(10_000);
      assertThat(harness.all()).hasSize(12);
      assertThat(harness.metrics().count("sequencesExpired")).isEqualTo(2);
      assertThat(harness.entries()).isZero();
      assertThat(harness.eventTimers()).isZero();
    }
  }

  /**
   * At the end of event time, a waiting token and the last prediction of the sequence each have a
   * timer.
   */
  @Test
  void aTokenAtTheEndOfTimeIsTakenAfterItsSequenceEnded() throws Exception {
    RnnFunction<String, Token, Prediction> last =
        function(order())
            .with(OutputOptions.DEFAULT.withFields(List.of(OutputField.TIMESTAMP)).withEmit(LAST));
    try (RnnHarness harness = RnnHarness.open(last)) {
      harness.process(token(Long.MAX_VALUE));
      harness.process(token(100));
      harness.process(token(200).last());
      assertThat(times(harness.watermark(300))).containsExactly(200L);
      assertThat(harness.waiting()).isEqualTo(1);
      assertThat(times(harness.watermark(Long.MAX_VALUE))).containsExactly(Long.MAX_VALUE);
      assertThat(harness.entries()).isZero();
      assertThat(harness.eventTimers()).isZero();
    }
  }
}
