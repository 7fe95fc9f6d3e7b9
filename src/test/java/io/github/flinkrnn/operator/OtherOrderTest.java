package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A job that is restored with another order loses none of the tokens that wait in its savepoint.
 */
class OtherOrderTest {
  private static final long WAIT = 1000;
  private static final List<Token> IN_ORDER =
      List.of(
          Token.of("k", "the").at(0).atTime(100),
          Token.of("k", "cat").at(2).atTime(200),
          Token.of("k", "sat").at(3).atTime(300),
          Token.of("k", "down").at(4).atTime(400));

  @TempDir private Path directory;
  private Path model;
  private List<StepBits> expected;
  private long timeout; // 0 for none

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory);
    expected = new SequentialReference(RnnModel.load(model)).steps(IN_ORDER);
  }

  private RnnFunction<String, Token, Prediction> function(String order) {
    OrderOptions options =
        switch (order) {
          case "arrival" -> OrderOptions.ARRIVAL;
          case "once" -> OrderOptions.ARRIVAL.withoutDuplicates();
          case "timestamp" -> OrderOptions.of(By.TIMESTAMP);
          case "seq" -> OrderOptions.of(By.SEQ).withWaiting(Duration.ofMillis(WAIT), 10);
          default -> throw new IllegalArgumentException(order);
        };
    SequenceOptions sequence =
        SequenceOptions.DEFAULT
            .withOrder(options)
            .withIdleTimeout(Duration.ofMillis(timeout), false);
    return GoldenCase.withNumbers(model).with(sequence);
  }

  /** One step is taken. Two tokens wait; the later one arrived first. */
  private OperatorSubtaskState waiting(String order) throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(order))) {
      harness.process(IN_ORDER.get(0));
      harness.watermark(100);
      harness.process(IN_ORDER.get(2));
      harness.process(IN_ORDER.get(1));
      assertThat(steps(harness)).isEqualTo(expected.subList(0, 1));
      assertThat(harness.waiting()).isEqualTo(2);
      return harness.snapshot();
    }
  }

  private static List<StepBits> steps(RnnHarness harness) {
    return harness.all().stream().map(StepBits::of).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "seq, arrival",
    "seq, once",
    "seq, timestamp",
    "timestamp, arrival",
    "timestamp, once",
    "timestamp, seq"
  })
  void waitingTokensAreTakenInTheirOrderBeforeTheNextTokenOfTheKey(String before, String after)
      throws Exception {
    try (RnnHarness harness = RnnHarness.restore(function(after), waiting(before), 0)) {
      harness.process(IN_ORDER.get(3));
      if (after.equals("timestamp")) {
        assertThat(steps(harness)).isEqualTo(expected.subList(1, 3));
        harness.watermark(400);
      }
      assertThat(steps(harness)).isEqualTo(expected.subList(1, 4));
      assertThat(harness.waiting()).isZero();
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.metrics().count("gaps")).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"arrival", "once", "timestamp"})
  void tokensOfASilentKeyThatWaitForNumbersAreTakenAtTheirDeadline(String after) throws Exception {
    try (RnnHarness harness = RnnHarness.restore(function(after), waiting("seq"), 0)) {
      harness.time(WAIT - 1);
      assertThat(harness.all()).isEmpty();
      harness.time(WAIT);
      assertThat(steps(harness)).isEqualTo(expected.subList(1, 3));
      assertThat(harness.waiting()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"arrival, 200", "once, 200", "seq, 200", "arrival, 9223372036854775807"})
  void tokensThatWaitForTheWatermarkAreTakenAtItOrAtTheEndOfTheStream(String after, long watermark)
      throws Exception {
    try (RnnHarness harness = RnnHarness.restore(function(after), waiting("timestamp"), 0)) {
      harness.time(100 * WAIT);
      harness.watermark(199);
      assertThat(harness.all()).isEmpty();
      harness.watermark(watermark);
      assertThat(steps(harness)).isEqualTo(expected.subList(1, 3));
      assertThat(harness.waiting()).isZero();
    }
  }

  /**
   * Without watermarks, only the timer of the idle timeout fires. The tokens continue the sequence,
   * because a key with waiting tokens is not silent.
   */
  @ParameterizedTest
  @CsvSource({"arrival", "once", "seq"})
  void withoutWatermarksWaitingTokensAreTakenAfterTheIdleTimeout(String after) throws Exception {
    timeout = 16 * WAIT;
    try (RnnHarness harness = RnnHarness.restore(function(after), waiting("timestamp"), 0)) {
      harness.time(timeout - 1);
      assertThat(harness.all()).isEmpty();
      harness.time(timeout);
      harness.time(timeout + 1);
      assertThat(steps(harness)).isEqualTo(expected.subList(1, 3));
      assertThat(harness.waiting()).isZero();
      harness.time(4 * timeout);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  /** The waiting tokens of a silent key survive two restores and a change of parallelism. */
  @Test
  void neitherASecondRestoreNorARescalingLosesThem() throws Exception {
    List<Token> tokens = new ArrayList<>();
    Map<String, List<StepBits>> all = new TreeMap<>();
    SequentialReference reference = new SequentialReference(RnnModel.load(model));
    for (int key = 0; key < 20; key++) {
      for (int seq : new int[] {0, 2, 3}) {
        Token token = Token.of("k" + key, "cat").at(seq);
        tokens.add(token);
        all.computeIfAbsent(token.key(), k -> new ArrayList<>()).add(reference.step(token));
      }
    }
    Map<String, List<StepBits>> came = new TreeMap<>();
    OperatorSubtaskState snapshot;
    try (Subtasks one = Subtasks.open(function("seq"), 1)) {
      one.process(tokens);
      one.addTo(came, StepBits::of);
      snapshot = one.snapshot();
    }
    try (Subtasks three = Subtasks.restore(function("timestamp"), snapshot, 1, 3)) {
      snapshot = three.snapshot();
    }
    try (Subtasks two = Subtasks.restore(function("arrival"), snapshot, 3, 2)) {
      two.endOfInput();
      two.addTo(came, StepBits::of);
      assertThat(two.sum(RnnHarness::entries)).as("only hidden states").isEqualTo(20);
    }
    assertThat(came).isEqualTo(all);
  }

  @ParameterizedTest
  @CsvSource({"seq, seq", "seq, arrival", "timestamp, timestamp", "timestamp, seq"})
  void whatAnotherModelCannotReadIsADeadLetter(String before, String after) throws Exception {
    OperatorSubtaskState snapshot = waiting(before);
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.writeString(other.resolve("vocab.txt"), "the\nsat\n");
    model =
        ModelDirectory.write(
            other,
            "{\"input\": {\"type\": \"vocabulary\"}, \"output\": {\"activation\": \"identity\"}}",
            "{\"Waa\": [[0.5]], \"Wax\": [[1, 2]], \"Wya\": [[1]]}");
    StepBits sat =
        new SequentialReference(RnnModel.load(model)).steps(IN_ORDER.subList(2, 3)).get(0);
    try (RnnHarness harness = RnnHarness.restore(function(after), snapshot, 0)) {
      harness.endOfInput();
      assertThat(steps(harness)).containsExactly(sat);
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason, RejectedRecord::detail)
          .containsExactly(tuple(Reason.UNKNOWN_TOKEN, "token: expected a word of the vocabulary"));
    }
  }

  @Test
  void whatHasNoTimeIsADeadLetterWhereSilenceIsMeasuredByIt() throws Exception {
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function("seq"))) {
      harness.process(Token.of("k", "cat").at(2));
      snapshot = harness.snapshot();
    }
    RnnFunction<String, Token, Prediction> byTime =
        GoldenCase.withNumbers(model)
            .with(SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofSeconds(9), true));
    try (RnnHarness harness = RnnHarness.restore(byTime, snapshot, 0)) {
      assertThat(harness.process(IN_ORDER.get(3))).hasSize(1);
      assertThat(harness.rejected())
          .extracting(RejectedRecord::detail)
          .containsExactly("timestamp: missing: expected a time, which this job needs");
    }
  }
}
