package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens in the order of their producer's numbers. */
class NumberOrderTest {
  private static final long WAIT = 1000;
  private static final long TIMEOUT = 16_000;

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory);
  }

  private static OrderOptions order() {
    return OrderOptions.of(By.SEQ).withWaiting(Duration.ofMillis(WAIT), 10);
  }

  private RnnFunction<String, Token, Prediction> function(OrderOptions order) throws Exception {
    return GoldenCase.withNumbers(model)
        .with(
            SequenceOptions.DEFAULT
                .withOrder(order)
                .withIdleTimeout(Duration.ofMillis(TIMEOUT), false));
  }

  private static Token token(long seq) {
    return Token.of("k", "cat").at(seq);
  }

  private static List<Long> steps(List<Prediction> predictions) {
    return predictions.stream().map(Prediction::t).toList();
  }

  private static List<Reason> reasons(RnnHarness harness) {
    return harness.rejected().stream().map(RejectedRecord::reason).toList();
  }

  @Test
  void aTokenWaitsForTheOnesBeforeIt() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      assertThat(steps(harness.process(token(1)))).containsExactly(1L);
      assertThat(harness.process(token(3))).isEmpty();
      assertThat(harness.process(token(4))).isEmpty();
      assertThat(steps(harness.process(token(2)))).containsExactly(2L, 3L, 4L);
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.timers()).as("that of the idle timeout").isEqualTo(1);
      assertThat(harness.eventTimers()).isZero();
    }
  }

  @Test
  void aTokenWaitsAtMostMaxWait() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.process(token(1));
      harness.time(10);
      harness.process(token(3));
      harness.time(500);
      harness.process(token(6));
      harness.time(WAIT + 9);
      assertThat(steps(harness.all())).containsExactly(1L);
      harness.time(WAIT + 10);
      assertThat(steps(harness.all())).as("3").containsExactly(1L, 2L);
      harness.time(WAIT + 499);
      assertThat(steps(harness.all())).containsExactly(1L, 2L);
      harness.time(WAIT + 500);
      assertThat(steps(harness.all())).as("6").containsExactly(1L, 2L, 3L);
      assertThat(harness.metrics().count("gaps")).isEqualTo(2);
      assertThat(harness.process(token(2))).isEmpty();
      assertThat(harness.process(token(5))).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.LATE, Reason.LATE);
      assertThat(harness.rejected().get(1).detail())
          .isEqualTo("seq: expected more than 6, found 5");
      assertThat(steps(harness.process(token(7)))).containsExactly(4L);
    }
  }

  /** A deadline of 0 means never, so that of a clock before 1970 ends a moment later. */
  @Test
  void waitingMayEndAtTheEpoch() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.time(-WAIT);
      harness.process(token(3));
      harness.time(0);
      assertThat(harness.all()).isEmpty();
      harness.time(1);
      assertThat(steps(harness.all())).containsExactly(1L);
    }
  }

  @ParameterizedTest
  @EnumSource(OnGap.class)
  void afterAGapOnGapDecides(OnGap rule) throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1).withGaps(rule)))) {
      harness.process(token(1));
      harness.process(token(3));
      harness.process(token(4));
      harness.time(WAIT);
      harness.process(token(5));
      List<Long> expected =
          switch (rule) {
            case CONTINUE -> List.of(1L, 2L, 3L, 4L);
            case RESTART -> List.of(1L, 1L, 2L, 3L);
            case REJECT -> List.of(1L, 2L);
          };
      assertThat(steps(harness.all())).isEqualTo(expected);
      assertThat(reasons(harness))
          .isEqualTo(rule == OnGap.REJECT ? List.of(Reason.GAP, Reason.GAP) : List.of());
    }
  }

  @Test
  void aFloodedKeyKeepsAtMostMaxBuffered() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.process(token(1));
      // There is a gap before each, so no token follows another directly.
      for (int i = 0; i < 500; i++) {
        harness.process(token(3 + 2L * i));
        assertThat(harness.waiting()).isEqualTo(Math.min(i + 1, 10));
      }
      assertThat(steps(harness.all())).hasSize(491).last().isEqualTo(491L);
      harness.time(WAIT);
      assertThat(steps(harness.all())).hasSize(501);
      assertThat(harness.waiting()).isZero();
      harness.time(WAIT + 2 * TIMEOUT);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
      assertThat(harness.eventTimers()).isZero();
    }
  }

  @Test
  void anUnknownFirstTokenWaits() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      assertThat(harness.process(token(6))).isEmpty();
      assertThat(harness.process(token(5))).isEmpty();
      harness.time(WAIT);
      assertThat(steps(harness.all())).containsExactly(1L, 2L);
      assertThat(harness.metrics().count("gaps")).isZero();
      assertThat(harness.process(token(5))).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.LATE);
    }
  }

  @Test
  void theFirstTokenIsKnownByItsNumberOrItsStart() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      assertThat(steps(harness.process(Token.of("zero", "cat").at(0)))).containsExactly(1L);
      assertThat(steps(harness.process(Token.of("start", "cat").first().at(7))))
          .containsExactly(1L);
      assertThat(steps(harness.process(Token.of("start", "cat").at(8)))).containsExactly(2L);
    }
  }

  @Test
  void aStartRestartsTheNumberingUnlessDuplicatesAreDropped() throws Exception {
    Token again = token(1).first();
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.process(token(1));
      harness.process(token(2));
      harness.process(token(5));
      assertThat(steps(harness.process(again))).as("waiting, then this").containsExactly(3L, 1L);
      assertThat(steps(harness.process(token(2)))).containsExactly(2L);
    }
    try (RnnHarness harness = RnnHarness.open(function(order().from(1).withoutDuplicates()))) {
      harness.process(token(1));
      assertThat(harness.process(again)).isEmpty();
      assertThat(harness.metrics().count("duplicates")).isEqualTo(1);
    }
  }

  /**
   * One timer is both the deadline and the end of the idle timeout. A token that is taken at it
   * ends the silence, so the number is not forgotten.
   */
  @Test
  void aDeadlineThatIsAlsoTheIdleTimeoutKeepsTheNumbers() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.process(token(1));
      harness.time(TIMEOUT - WAIT);
      harness.process(token(3));
      assertThat(harness.timers()).as("one timer for both").isEqualTo(1);
      harness.time(TIMEOUT);
      assertThat(harness.all()).hasSize(2);
      assertThat(harness.process(token(3))).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.LATE);
    }
  }

  @Test
  void aTokenWithoutANumberIsRejected() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order()))) {
      assertThat(harness.process(Token.of("k", "cat"))).isEmpty();
      assertThat(reasons(harness)).containsExactly(Reason.MISSING_FIELD);
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void theEndOfTheStreamTakesAllWaitingTokens() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order().from(1)))) {
      harness.process(token(4));
      harness.process(token(2));
      assertThat(steps(harness.watermark(Long.MAX_VALUE))).containsExactly(1L, 2L);
      assertThat(harness.waiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void shuffledRepeatedAndWithHolesItIsTheSequenceInOrder(int parallelism) throws Exception {
    Random random = new Random(parallelism);
    List<Token> sent = Arrivals.withHoles(Arrivals.inOrder(7, 150, random), 40, random);
    List<Token> arriving = Arrivals.repeated(Arrivals.shuffled(sent, 40, random), 10, random);
    RnnFunction<String, Token, Prediction> function = function(order().from(1).withoutDuplicates());
    List<StepBits> expected = new SequentialReference(RnnModel.load(model)).steps(sent);
    OrderedRun run = new OrderedRun(function, parallelism, random);
    for (Token token : arriving) {
      run.process(token);
    }
    run.time(TIMEOUT / 2);
    assertThat(OrderedRun.byKey(run.steps())).isEqualTo(OrderedRun.byKey(expected));
    assertThat(run.duplicates()).isEqualTo(arriving.size() - sent.size());
    assertThat(run.rejected()).isZero();
    assertThat(run.restores()).as("the test restores several times").isGreaterThan(3);
    run.time(4 * TIMEOUT);
    assertThat(run.entries()).isZero();
    run.close();
  }

  /** The disorder is larger than the buffer. Each token must still be accounted for. */
  @Test
  void everyTokenIsAPredictionADeadLetterOrADuplicate() throws Exception {
    Random random = new Random(9);
    List<Token> sent = Arrivals.inOrder(3, 300, random);
    List<Token> arriving = Arrivals.repeated(Arrivals.shuffled(sent, 200, random), 5, random);
    OrderedRun run = new OrderedRun(function(order().withoutDuplicates()), 2, random);
    for (Token token : arriving) {
      run.process(token);
    }
    run.time(TIMEOUT / 2);
    List<StepBits> steps = new ArrayList<>(run.steps());
    assertThat(steps.size() + run.rejected() + run.duplicates()).isEqualTo(arriving.size());
    assertThat(run.duplicates()).isGreaterThan(arriving.size() - sent.size());
    run.close();
  }
}
