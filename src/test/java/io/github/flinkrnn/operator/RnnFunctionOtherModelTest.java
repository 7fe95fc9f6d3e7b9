package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that is restored with another model does not use the states of the previous model. */
class RnnFunctionOtherModelTest {
  private static final String CONFIG = "{\"input\": {\"type\": \"features\"}}";
  private static final String RECURRENCE = "\"Waa\": [[0.5]], \"Wax\": [[1, -1, 0.5]]";
  private static final List<Token> TOKENS =
      List.of(Token.of("a", 1, 2, 3), Token.of("b", -1, 0, 1));

  @TempDir private Path directory;

  @Test
  void eachSequenceOfAnotherRecurrenceStartsOverOnce() throws Exception {
    GoldenCase now = GoldenCase.of("course-rnn");
    assertThat(now.load().stateSize())
        .as("distinguished by the weights, not by the size")
        .isEqualTo(GoldenCase.of("rnn-tanh").load().stateSize());
    assertStartsOver(GoldenCase.of("rnn-tanh").recurrence(), now.model());
  }

  @Test
  void eachSequenceOfAnotherSizeStartsOverOnce() throws Exception {
    Path smaller = ModelDirectory.threeFeatures(directory);
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    assertThat(RnnModel.load(smaller).stateSize()).isLessThan(golden.load().stateSize());
    assertStartsOver(golden.recurrence(), smaller);
    assertStartsOver(GoldenCase.withNumbers(smaller), golden.model());
  }

  /**
   * The timer of the old state is deleted with it, also if the first token is the last one of its
   * sequence.
   */
  @Test
  void anEndOnAStateOfAnotherModelLeavesNothing() throws Exception {
    Duration timeout = Duration.ofMillis(1600);
    RnnFunction<String, Token, Prediction> old =
        GoldenCase.of("rnn-tanh").recurrence().withIdleTimeout(timeout);
    RnnFunction<String, Token, Prediction> now =
        GoldenCase.of("course-rnn").recurrence().withIdleTimeout(timeout);
    try (RnnHarness harness = RnnHarness.restore(now, snapshotOf(old), 0)) {
      assertThat(harness.t(TOKENS.get(0).last())).isEqualTo(1);
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.timers()).isEqualTo(1);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isEqualTo(1);
      assertThat(harness.metrics().count("sequencesEnded")).isEqualTo(1);
      harness.time(1600);
      assertThat(harness.entries()).as("a silent key of another model expires").isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  /**
   * A state of another model with an overdue timer is counted once, as a state of another model.
   */
  @Test
  void anOverdueStateOfAnotherModelIsCountedOnce() throws Exception {
    Duration timeout = Duration.ofMillis(1600);
    RnnFunction<String, Token, Prediction> old =
        GoldenCase.of("rnn-tanh").recurrence().withIdleTimeout(timeout);
    RnnFunction<String, Token, Prediction> now =
        GoldenCase.of("course-rnn").recurrence().withIdleTimeout(timeout);
    try (RnnHarness harness = RnnHarness.restore(now, snapshotOf(old), 5000)) {
      assertThat(harness.t(TOKENS.get(0).first())).isEqualTo(1);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isEqualTo(1);
      assertThat(harness.metrics().count("sequencesExpired")).isZero();
      assertThat(harness.metrics().count("sequencesEnded")).isZero();
      harness.time(5000); // the timer of the other key fires now
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.timers()).isEqualTo(1);
      assertThat(harness.metrics().count("sequencesExpired")).isEqualTo(1);
    }
  }

  @Test
  void aNewHeadKeepsTheSequences() throws Exception {
    Path first = model("first", RECURRENCE + ", \"Wya\": [[1], [-1]]");
    Path second = model("second", RECURRENCE + ", \"Wya\": [[3], [2], [0.5]], \"by\": [1, 2, 3]");
    assertThat(RnnModel.load(first).version()).isNotEqualTo(RnnModel.load(second).version());
    SequentialReference reference = new SequentialReference(RnnModel.load(second));
    for (Token token : TOKENS) {
      reference.steps(List.of(token, token));
    }
    OperatorSubtaskState snapshot = snapshotOf(GoldenCase.withNumbers(first));
    try (RnnHarness harness = RnnHarness.restore(GoldenCase.withNumbers(second), snapshot, 0)) {
      for (Token token : TOKENS) {
        assertThat(harness.step(token)).isEqualTo(reference.step(token));
      }
      assertThat(harness.t(TOKENS.get(0))).isEqualTo(4);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isZero();
    }
  }

  private Path model(String name, String parameters) throws IOException {
    Path model = Files.createDirectory(directory.resolve(name));
    return ModelDirectory.write(model, CONFIG, "{" + parameters + "}");
  }

  private static void assertStartsOver(RnnFunction<String, Token, Prediction> old, Path model)
      throws Exception {
    SequentialReference reference = new SequentialReference(RnnModel.load(model));
    OperatorSubtaskState snapshot = snapshotOf(old);
    try (RnnHarness harness = RnnHarness.restore(GoldenCase.withNumbers(model), snapshot, 0)) {
      assertThat(harness.entries()).isEqualTo(2);
      for (int round = 1; round <= 3; round++) {
        for (Token token : TOKENS) {
          StepBits step = harness.step(token);
          assertThat(step.t()).isEqualTo(round);
          assertThat(step).isEqualTo(reference.step(token));
        }
      }
      assertThat(harness.entries()).isEqualTo(2);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isEqualTo(2);
      assertThat(harness.metrics().count("sequencesStarted")).isEqualTo(2);
      assertThat(harness.metrics().count("sequencesEnded")).isZero();
      assertThat(harness.metrics().count("sequencesExpired")).isZero();
    }
  }

  /** The snapshot after two steps of a and two of b. */
  private static OperatorSubtaskState snapshotOf(RnnFunction<String, Token, Prediction> recurrence)
      throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      for (Token token : TOKENS) {
        assertThat(harness.t(token)).isEqualTo(1);
        assertThat(harness.t(token)).isEqualTo(2);
      }
      return harness.snapshot();
    }
  }
}
