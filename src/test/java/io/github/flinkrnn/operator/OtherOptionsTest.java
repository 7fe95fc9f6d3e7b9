package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job that is restored with other options does with the restored state. */
class OtherOptionsTest {
  private static final long WAIT = 1000;

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.cycle(directory);
  }

  private RnnFunction<String, Token, Prediction> function(OrderOptions order) {
    return GoldenCase.withNumbers(model).with(SequenceOptions.DEFAULT.withOrder(order));
  }

  private RnnFunction<String, Token, Prediction> emitting(Emit.When when) {
    return RnnFunction.of(model.toString()).with(GoldenCase.NUMBERS.withEmit(Emit.of(when)));
  }

  private RnnFunction<String, Token, Prediction> idle(boolean inEventTime) {
    return GoldenCase.withNumbers(model)
        .with(SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofSeconds(16), inEventTime));
  }

  private static OrderOptions seq(long wait, int most) {
    return OrderOptions.of(By.SEQ).withWaiting(Duration.ofMillis(wait), most);
  }

  private static Token token(long seq) {
    return Token.of("k", "a").at(seq);
  }

  private static OperatorSubtaskState after(
      RnnFunction<String, Token, Prediction> function, Token... tokens) throws Exception {
    try (RnnHarness harness = RnnHarness.open(function)) {
      for (Token token : tokens) {
        harness.process(token);
      }
      return harness.snapshot();
    }
  }

  private static List<Long> steps(RnnHarness harness) {
    return harness.all().stream().map(Prediction::t).toList();
  }

  private static List<Reason> reasons(RnnHarness harness) {
    return harness.rejected().stream().map(RejectedRecord::reason).toList();
  }

  @Test
  void aLongerWaitHoldsForTokensThatWaitAlready() throws Exception {
    OperatorSubtaskState snapshot = after(function(seq(WAIT, 10)), token(0), token(2));
    try (RnnHarness harness = RnnHarness.restore(function(seq(3 * WAIT, 10)), snapshot, 0)) {
      harness.time(3 * WAIT - 1);
      assertThat(steps(harness)).isEmpty();
      harness.time(3 * WAIT);
      assertThat(steps(harness)).containsExactly(2L);
    }
  }

  @Test
  void aShorterWaitHoldsForTokensThatComeNow() throws Exception {
    OperatorSubtaskState snapshot = after(function(seq(WAIT, 10)), token(0), token(2));
    try (RnnHarness harness = RnnHarness.restore(function(seq(WAIT / 2, 10)), snapshot, 0)) {
      harness.time(WAIT - 1);
      assertThat(steps(harness)).isEmpty();
      harness.time(WAIT);
      assertThat(steps(harness)).as("at the old deadline").containsExactly(2L);
      harness.process(token(4));
      harness.time(WAIT + WAIT / 2);
      assertThat(steps(harness)).containsExactly(2L, 3L);
    }
  }

  /**
   * Each arriving token causes the first ones to be taken, so the number of waiting tokens does not
   * grow.
   */
  @Test
  void withASmallerBufferAKeysTokensWaitNoMoreThanTheyDid() throws Exception {
    OperatorSubtaskState snapshot =
        after(function(seq(WAIT, 10)), token(0), token(2), token(4), token(6));
    try (RnnHarness harness = RnnHarness.restore(function(seq(WAIT, 1)), snapshot, 0)) {
      assertThat(harness.waiting()).isEqualTo(3);
      harness.process(token(8));
      assertThat(steps(harness)).containsExactly(2L);
      assertThat(harness.waiting()).isEqualTo(3);
      harness.time(WAIT);
      assertThat(steps(harness)).containsExactly(2L, 3L, 4L, 5L);
    }
  }

  @ParameterizedTest
  @EnumSource(OnGap.class)
  void theGapOfTokensThatWaitGoesByTheRuleOfToday(OnGap rule) throws Exception {
    OperatorSubtaskState snapshot = after(function(seq(WAIT, 10)), token(0), token(2));
    RnnFunction<String, Token, Prediction> today = function(seq(WAIT, 10).withGaps(rule));
    try (RnnHarness harness = RnnHarness.restore(today, snapshot, 0)) {
      harness.time(WAIT);
      assertThat(steps(harness))
          .isEqualTo(
              switch (rule) {
                case CONTINUE -> List.of(2L);
                case RESTART -> List.of(1L);
                case REJECT -> List.of();
              });
      assertThat(reasons(harness))
          .isEqualTo(rule == OnGap.REJECT ? List.of(Reason.GAP) : List.of());
    }
  }

  /**
   * The numbers that were taken in arrival order are not known. Only numbers after the restore
   * count.
   */
  @Test
  void fromArrivalNumbersAreFoundByWaiting() throws Exception {
    OperatorSubtaskState snapshot = after(function(OrderOptions.ARRIVAL), token(0), token(1));
    try (RnnHarness harness = RnnHarness.restore(function(seq(WAIT, 10)), snapshot, 0)) {
      assertThat(harness.process(token(2))).isEmpty();
      harness.time(WAIT);
      assertThat(steps(harness)).containsExactly(3L);
      assertThat(harness.metrics().count("gaps")).isZero();
      assertThat(harness.process(token(3))).hasSize(1);
    }
  }

  @Test
  void aNumberTakenBeforeDuplicatesWereDroppedIsNotKnown() throws Exception {
    RnnFunction<String, Token, Prediction> once =
        function(OrderOptions.ARRIVAL.withoutDuplicates());
    OperatorSubtaskState snapshot = after(function(OrderOptions.ARRIVAL), token(7));
    try (RnnHarness harness = RnnHarness.restore(once, snapshot, 0)) {
      assertThat(harness.t(token(7))).isEqualTo(2);
      assertThat(harness.process(token(7))).isEmpty();
      assertThat(harness.metrics().count("duplicates")).isEqualTo(1);
    }
  }

  /** The number that a key keeps is dropped with its next token. */
  @Test
  void whereDuplicatesAreDroppedNoLongerTheyAreSteps() throws Exception {
    RnnFunction<String, Token, Prediction> once =
        function(OrderOptions.ARRIVAL.withoutDuplicates());
    OperatorSubtaskState snapshot = after(once, token(7));
    RnnFunction<String, Token, Prediction> plain = function(OrderOptions.ARRIVAL);
    try (RnnHarness harness = RnnHarness.restore(plain, snapshot, 0)) {
      assertThat(harness.t(token(7))).isEqualTo(2);
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.process(token(7).last())).hasSize(1);
      assertThat(harness.entries()).as("no position outlives the sequence").isZero();
    }
  }

  /** With either backend, and also if the next token is rejected. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutDeduplicationARejectedTokenAlsoDropsTheNumber(boolean rocksDb) throws Exception {
    SequenceOptions plain = SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofSeconds(16), true);
    SequenceOptions once = plain.withOrder(OrderOptions.ARRIVAL.withoutDuplicates());
    SequenceOptions wordy = plain.withGeneration(new Generation("<end>", 10_000, 0, 0));
    RnnFunction<String, Token, Prediction> function =
        GoldenCase.withNumbers(model).with(OnRejected.SIDE_OUTPUT);
    String key = "k".repeat(4000); // too long to be repeated 10,000 times
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function.with(once))) {
      assertThat(harness.t(Token.of(key, "a").at(7).atTime(5))).isEqualTo(1);
      snapshot = harness.savepoint();
    }
    try (RnnHarness harness =
        RnnHarness.restore(function.with(wordy), snapshot, 0, 1, 0, rocksDb)) {
      assertThat(harness.process(Token.of(key, "a").at(8).atTime(6).last())).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.TOO_LARGE);
      snapshot = harness.savepoint();
    }
    try (RnnHarness harness = RnnHarness.restore(function.with(once), snapshot, 0, 1, 0, rocksDb)) {
      assertThat(harness.t(Token.of(key, "a").at(7).atTime(7))).isEqualTo(2);
    }
  }

  @Test
  void inTheOrderOfNumbersDuplicatesAreDroppedOrLateAsTheJobSaysToday() throws Exception {
    OrderOptions order = seq(WAIT, 10);
    OperatorSubtaskState snapshot = after(function(order), token(0));
    try (RnnHarness harness =
        RnnHarness.restore(function(order.withoutDuplicates()), snapshot, 0)) {
      assertThat(harness.process(token(0))).isEmpty();
      assertThat(harness.metrics().count("duplicates")).isEqualTo(1);
      snapshot = harness.snapshot();
    }
    try (RnnHarness harness = RnnHarness.restore(function(order), snapshot, 0)) {
      assertThat(harness.process(token(0))).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.LATE);
    }
  }

  @Test
  void fromEachToLastASequencesNextStepIsHeldBackUntilItsEnd() throws Exception {
    OperatorSubtaskState snapshot = after(emitting(Emit.When.EACH), token(0));
    try (RnnHarness harness = RnnHarness.restore(emitting(Emit.When.LAST), snapshot, 0)) {
      assertThat(harness.process(token(1))).isEmpty();
      harness.endOfInput();
      assertThat(steps(harness)).containsExactly(2L);
    }
  }

  /** The sequence continues, but the prediction that was held back is never emitted. */
  @Test
  void fromLastToEachTheStepThatWasHeldBackIsNotEmitted() throws Exception {
    OperatorSubtaskState snapshot = after(emitting(Emit.When.LAST), token(0), token(1));
    try (RnnHarness harness = RnnHarness.restore(emitting(Emit.When.EACH), snapshot, 0)) {
      assertThat(harness.t(token(2))).isEqualTo(3);
      harness.endOfInput();
      assertThat(steps(harness)).containsExactly(3L);
    }
  }

  /** Only a job that emits the last step ends its sequences at the end of the stream. */
  @Test
  void fromLastToEachASilentSequenceOutlivesTheStream() throws Exception {
    OperatorSubtaskState snapshot = after(emitting(Emit.When.LAST), token(0), token(1));
    try (RnnHarness harness = RnnHarness.restore(emitting(Emit.When.EACH), snapshot, 0)) {
      harness.endOfInput();
      assertThat(steps(harness)).isEmpty();
      assertThat(harness.metrics().count("why.end-of-input.ended")).isZero();
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.eventTimers()).isZero();
      snapshot = harness.snapshot();
    }
    try (RnnHarness harness = RnnHarness.restore(emitting(Emit.When.EACH), snapshot, 0)) {
      assertThat(harness.t(token(2))).isEqualTo(3);
    }
  }

  @Test
  void aRuleLooksAtTheStepBeforeTheSavepoint() throws Exception {
    RnnFunction<String, Token, Prediction> unlikely =
        RnnFunction.of(model.toString())
            .with(GoldenCase.NUMBERS.withEmit(Emit.above(Emit.When.RANK_ABOVE, 1)));
    OperatorSubtaskState snapshot = after(emitting(Emit.When.EACH), Token.of("k", "a"));
    try (RnnHarness harness = RnnHarness.restore(unlikely, snapshot, 0)) {
      assertThat(harness.process(Token.of("k", "b"))).as("the likeliest after a").isEmpty();
      assertThat(harness.process(Token.of("k", "a"))).hasSize(1);
      assertThat(steps(harness)).containsExactly(3L);
    }
  }

  @Test
  void generationGoesOnFromASequenceThatHadNone() throws Exception {
    OperatorSubtaskState snapshot = after(emitting(Emit.When.EACH), Token.of("k", "a"));
    RnnFunction<String, Token, Prediction> generating =
        RnnFunction.of(model.toString())
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation("<end>", 5, 0, 0)))
            .withFields(OutputField.TOKEN);
    try (RnnHarness harness = RnnHarness.restore(generating, snapshot, 0)) {
      assertThat(harness.process(Token.of("k", "b").last()))
          .extracting(Prediction::token)
          .containsExactly("b", "c", "<end>");
      assertThat(steps(harness)).containsExactly(2L, 3L, 4L);
    }
  }

  /** An expiry in one kind of time has no meaning in the other. */
  @Test
  void betweenTheClockAndEventTimeAStateDiesByTheNewTimeFromItsNextTokenOn() throws Exception {
    OperatorSubtaskState snapshot = after(idle(false), Token.of("k", "a")); // expires at 16_000
    try (RnnHarness harness = RnnHarness.restore(idle(true), snapshot, 0)) {
      harness.time(100_000);
      assertThat(harness.entries()).as("a silent key is kept").isEqualTo(1);
      assertThat(harness.t(Token.of("k", "a").atTime(15_999))).isEqualTo(2);
      harness.watermark(31_999);
      assertThat(harness.entries()).isEqualTo(1);
      harness.watermark(32_000);
      assertThat(harness.entries()).isZero();
    }
    try (RnnHarness harness = RnnHarness.restore(idle(true), snapshot, 0)) {
      assertThat(harness.t(Token.of("k", "a").atTime(16_000))).as("goes on").isEqualTo(2);
    }
    OperatorSubtaskState before1970 = after(idle(true), Token.of("k", "a").atTime(-100_000));
    try (RnnHarness harness = RnnHarness.restore(idle(false), before1970, 0)) {
      assertThat(harness.t(Token.of("k", "a"))).as("goes on").isEqualTo(2);
    }
    OperatorSubtaskState byTime = after(idle(true), Token.of("k", "a").atTime(5));
    try (RnnHarness harness = RnnHarness.restore(idle(false), byTime, 0)) {
      harness.watermark(100_000);
      assertThat(harness.entries()).as("a silent key is kept").isEqualTo(1);
      assertThat(harness.t(Token.of("k", "a"))).isEqualTo(2);
      harness.time(16_000);
      assertThat(harness.entries()).isZero();
    }
  }
}
