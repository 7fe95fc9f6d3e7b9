package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/**
 * A snapshot that an earlier build wrote. A change that breaks this test breaks the savepoints of
 * all users. If the state must change, give it a new format, and add a file with a snapshot of that
 * format. Keep this file.
 */
class GoldenSnapshotTest {
  private static final String FILE = "snapshot-format-1";
  private static final long TIMEOUT = 1600;
  private static final int TAKEN_AFTER = 17; // tokens of the golden case
  private static final long EXPIRES = 1_800_000_001_600L;
  private static final long TAKEN_AT = EXPIRES - TIMEOUT;

  private GoldenCase golden;
  private RnnFunction<String, Token, Prediction> recurrence;
  private List<StepBits> expected;

  @BeforeEach
  void readGolden() throws Exception {
    golden = GoldenCase.of("rnn-tanh");
    recurrence = golden.recurrence().withIdleTimeout(Duration.ofMillis(TIMEOUT));
    expected = new SequentialReference(golden.load()).steps(golden.tokens());
  }

  /**
   * The build that wrote the snapshot computed with other arithmetic, so the last bits of its
   * states differ.
   */
  @Test
  void continuesWhereItStopped() throws Exception {
    try (RnnHarness harness = RnnHarness.restore(recurrence, snapshot(), TAKEN_AT)) {
      assertThat(harness.entries()).isEqualTo(3);
      assertThat(harness.timers()).isEqualTo(3);
      for (int i = TAKEN_AFTER; i < golden.tokens().size(); i++) {
        Prediction prediction = harness.process(golden.tokens().get(i)).get(0);
        GoldenCase.Expected pytorch = golden.expected().get(i);
        assertThat(prediction.key()).isEqualTo(pytorch.key());
        assertThat(prediction.t()).isEqualTo(pytorch.t());
        assertThat(prediction.hidden())
            .containsExactly(pytorch.hidden(), within(GoldenCase.TOLERANCE));
        assertThat(prediction.prediction())
            .containsExactly(pytorch.prediction(), within(GoldenCase.TOLERANCE));
      }
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isZero();
    }
  }

  @Test
  void expiresWhenItWouldHave() throws Exception {
    try (RnnHarness harness = RnnHarness.restore(recurrence, snapshot(), TAKEN_AT)) {
      harness.time(EXPIRES - 1);
      assertThat(harness.entries()).isEqualTo(3);
      harness.time(EXPIRES);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void restoresOnThreeSubtasks() throws Exception {
    List<Integer> entries = new ArrayList<>();
    for (int subtask = 0; subtask < 3; subtask++) {
      OperatorSubtaskState part = RnnHarness.part(snapshot(), 1, 3, subtask);
      try (RnnHarness harness = RnnHarness.restore(recurrence, part, TAKEN_AT, 3, subtask)) {
        entries.add(harness.entries());
      }
    }
    assertThat(entries.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3);
  }

  private static OperatorSubtaskState snapshot() throws Exception {
    return OperatorSnapshotUtil.readStateHandle(GoldenCase.resource(FILE).toString());
  }

  /**
   * Writes the file into {@code target}. Enable it by hand when there is a new format. Then move
   * the file to {@code src/test/resources/operator}, with the format in its name.
   */
  @Test
  @Disabled("wrote snapshot-format-1 with Flink 2.3.0")
  void writeSnapshot() throws Exception {
    try (RnnHarness harness = RnnHarness.restore(recurrence, null, TAKEN_AT)) {
      assertThat(harness.steps(golden.tokens().subList(0, TAKEN_AFTER)))
          .isEqualTo(expected.subList(0, TAKEN_AFTER));
      Path file = Path.of("target", FILE).toAbsolutePath();
      OperatorSnapshotUtil.writeStateHandle(harness.snapshot(), file.toString());
    }
  }
}
