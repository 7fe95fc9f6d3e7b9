package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * After a snapshot and a restore in a new operator, the predictions are those of a job that never
 * stopped.
 */
class RnnFunctionRestoreTest {
  private static final int KEYS = 40;

  @ParameterizedTest
  @ValueSource(strings = {"rnn-tanh", "course-rnn"})
  void goesOnBitForBitFromAnyToken(String name) throws Exception {
    GoldenCase golden = GoldenCase.of(name);
    List<StepBits> expected = new SequentialReference(golden.load()).steps(golden.tokens());
    for (int cut = 0; cut < golden.tokens().size(); cut += 7) {
      List<StepBits> actual;
      OperatorSubtaskState snapshot;
      try (RnnHarness before = RnnHarness.open(golden.recurrence())) {
        actual = before.steps(golden.tokens().subList(0, cut));
        snapshot = before.snapshot();
      }
      try (RnnHarness after = RnnHarness.restore(golden.recurrence(), snapshot, 0)) {
        actual.addAll(after.steps(golden.tokens().subList(cut, golden.tokens().size())));
      }
      assertThat(actual).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @Test
  void aSnapshotHoldsTheStateAtItsOwnTime() throws Exception {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    Token token = golden.tokens().get(0);
    try (RnnHarness harness = RnnHarness.open(golden.recurrence())) {
      assertThat(harness.t(token)).isEqualTo(1);
      OperatorSubtaskState snapshot = harness.snapshot();
      StepBits second = harness.step(token);
      assertThat(harness.t(token)).isEqualTo(3);
      for (int again = 0; again < 2; again++) {
        try (RnnHarness restored = RnnHarness.restore(golden.recurrence(), snapshot, 0)) {
          assertThat(restored.step(token)).isEqualTo(second);
        }
      }
    }
  }

  /** Steps change the state in place while two earlier checkpoints are still being written. */
  @Test
  void aSnapshotInFlightDoesNotSeeTheStepsThatFollow() throws Exception {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    List<Token> tokens = golden.tokens();
    List<StepBits> expected = new SequentialReference(golden.load()).steps(tokens);
    try (RnnHarness harness = RnnHarness.open(golden.recurrence())) {
      List<StepBits> actual = harness.steps(tokens.subList(0, 12));
      OperatorSnapshotFutures at12 = harness.beginSnapshot();
      actual.addAll(harness.steps(tokens.subList(12, 20)));
      OperatorSnapshotFutures at20 = harness.beginSnapshot();
      actual.addAll(harness.steps(tokens.subList(20, 30)));

      goesOn(golden, RnnHarness.end(at20), tokens.subList(20, 30), expected.subList(20, 30));
      actual.addAll(harness.steps(tokens.subList(30, 36)));
      goesOn(golden, RnnHarness.end(at12), tokens.subList(12, 30), expected.subList(12, 30));
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static void goesOn(
      GoldenCase golden, OperatorSubtaskState from, List<Token> tokens, List<StepBits> expected)
      throws Exception {
    try (RnnHarness restored = RnnHarness.restore(golden.recurrence(), from, 0)) {
      assertThat(restored.steps(tokens)).isEqualTo(expected);
    }
  }

  @Test
  void timersAreRestoredAndFire() throws Exception {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    RnnFunction<String, Token, Prediction> recurrence =
        golden.recurrence().withIdleTimeout(Duration.ofMillis(1600));
    Token token = golden.tokens().get(0);
    OperatorSubtaskState snapshot;
    try (RnnHarness before = RnnHarness.restore(recurrence, null, 250)) {
      assertThat(before.t(token)).isEqualTo(1); // expires at 1900
      snapshot = before.snapshot();
    }
    try (RnnHarness after = RnnHarness.restore(recurrence, snapshot, 1000)) {
      assertThat(after.entries()).isEqualTo(1);
      assertThat(after.timers()).isEqualTo(1);
      after.time(1899);
      assertThat(after.entries()).isEqualTo(1);
      after.time(1900);
      assertThat(after.entries()).isZero();
      assertThat(after.timers()).isZero();
      assertThat(after.metrics().count("sequencesExpired")).isEqualTo(1);
      assertThat(after.t(token)).isEqualTo(1);
    }
  }

  @Test
  void rescalesFromOneToThreeToTwoBitForBit() throws Exception {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    RnnFunction<String, Token, Prediction> recurrence =
        golden.recurrence().withIdleTimeout(Duration.ofMinutes(30));
    SequentialReference reference = new SequentialReference(golden.load());
    Random random = new Random(5);
    List<List<Token>> parts = List.of(tokens(random), tokens(random), tokens(random));

    OperatorSubtaskState one = run(recurrence, null, 0, 1, parts.get(0), reference);
    OperatorSubtaskState three = run(recurrence, one, 1, 3, parts.get(1), reference);
    OperatorSubtaskState two = run(recurrence, three, 3, 2, parts.get(2), reference);
    assertThat(two.hasState()).isTrue();
  }

  /** Runs the tokens on this many subtasks, and returns the snapshot of all of them. */
  private static OperatorSubtaskState run(
      RnnFunction<String, Token, Prediction> recurrence,
      OperatorSubtaskState snapshot,
      int from,
      int to,
      List<Token> tokens,
      SequentialReference reference)
      throws Exception {
    List<RnnHarness> subtasks = new ArrayList<>();
    try {
      int restored = 0;
      for (int subtask = 0; subtask < to; subtask++) {
        OperatorSubtaskState part =
            snapshot == null ? null : RnnHarness.part(snapshot, from, to, subtask);
        RnnHarness harness = RnnHarness.restore(recurrence, part, 0, to, subtask);
        subtasks.add(harness);
        restored += harness.entries();
      }
      assertThat(restored).as("sequences restored").isEqualTo(snapshot == null ? 0 : KEYS);
      for (Token token : tokens) {
        assertThat(subtasks.get(subtaskOf(token, to)).step(token)).isEqualTo(reference.step(token));
      }
      OperatorSubtaskState[] snapshots = new OperatorSubtaskState[to];
      int entries = 0;
      for (int subtask = 0; subtask < to; subtask++) {
        RnnHarness harness = subtasks.get(subtask);
        assertThat(harness.entries()).as("of subtask %d", subtask).isPositive();
        assertThat(harness.timers()).isEqualTo(harness.entries());
        entries += harness.entries();
        snapshots[subtask] = harness.snapshot();
      }
      assertThat(entries).isEqualTo(KEYS);
      return AbstractStreamOperatorTestHarness.repackageState(snapshots);
    } finally {
      for (RnnHarness subtask : subtasks) {
        subtask.close();
      }
    }
  }

  private static int subtaskOf(Token token, int parallelism) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
        token.key(), RnnHarness.MAX_PARALLELISM, parallelism);
  }

  private static List<Token> tokens(Random random) {
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < KEYS * 5; i++) {
      float[] features = {
        (float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian()
      };
      tokens.add(Token.of("k" + i % KEYS, features));
    }
    return tokens;
  }
}
