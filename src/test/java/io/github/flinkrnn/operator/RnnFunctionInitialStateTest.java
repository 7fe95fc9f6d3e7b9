package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every sequence begins in the learned initial state, however the previous sequence ended. */
class RnnFunctionInitialStateTest {
  private static final Token TOKEN = Token.of("k", 1);

  @TempDir private Path directory;

  /** One unit: a&lt;t&gt; = relu(2 a&lt;t-1&gt; + x&lt;t&gt;) from a&lt;0&gt; = h0. */
  private RnnFunction<String, Token, Prediction> from(float h0) throws IOException {
    Path model = directory.resolve("from-" + h0);
    int[] one = {1, 1};
    ModelDirectory.in(model)
        .config(
            "{'nonlinearity': 'relu', 'initial_state': 'h0',"
                + " 'output': {'activation': 'identity'}}")
        .safetensors(
            new SafeTensorsFile()
                .f32("cell.weight_ih", one, 1)
                .f32("cell.weight_hh", one, 2)
                .f32("fc.weight", one, 1)
                .f32("h0", new int[] {1, 1, 1}, h0));
    return RnnFunction.of(model.toString()).withFields(OutputField.HIDDEN);
  }

  private static void assertStep(RnnHarness harness, Token token, long t, float hidden)
      throws Exception {
    Prediction prediction = harness.process(token).get(0);
    assertThat(prediction.t()).isEqualTo(t);
    assertThat(prediction.hidden()).containsExactly(hidden);
  }

  @Test
  void beginsEverySequenceInTheLearnedState() throws Exception {
    try (RnnHarness harness = RnnHarness.open(from(5))) {
      assertStep(harness, TOKEN, 1, 11);
      assertStep(harness, TOKEN, 2, 23);
      assertStep(harness, Token.of("other", 1), 1, 11);
      assertStep(harness, TOKEN, 3, 47);
    }
  }

  @Test
  void beginsAnewAfterAnEndAndAtAStart() throws Exception {
    try (RnnHarness harness = RnnHarness.open(from(5))) {
      assertStep(harness, TOKEN, 1, 11);
      assertStep(harness, TOKEN.last(), 2, 23);
      assertThat(harness.entries()).isZero();
      assertStep(harness, TOKEN, 1, 11);
      assertStep(harness, TOKEN.first(), 1, 11);
      assertStep(harness, TOKEN, 2, 23);
    }
  }

  @Test
  void beginsAnewAfterSilence() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        from(5).withIdleTimeout(Duration.ofSeconds(1));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertStep(harness, TOKEN, 1, 11);
      assertStep(harness, TOKEN, 2, 23);
      harness.time(10_000);
      assertThat(harness.entries()).isZero();
      assertStep(harness, TOKEN, 1, 11);
    }
  }

  @Test
  void goesOnFromASnapshotAndNotFromTheLearnedState() throws Exception {
    OperatorSubtaskState snapshot = snapshotOf(from(5));
    try (RnnHarness harness = RnnHarness.restore(from(5), snapshot, 0)) {
      assertStep(harness, TOKEN, 2, 23);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isZero();
    }
  }

  @Test
  void readsNoStateOfAModelThatBeganElsewhere() throws Exception {
    OperatorSubtaskState snapshot = snapshotOf(from(5));
    try (RnnHarness harness = RnnHarness.restore(from(-3), snapshot, 0)) {
      assertStep(harness, TOKEN, 1, 0);
      assertStep(harness, TOKEN, 2, 1);
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isEqualTo(1);
    }
  }

  private static OperatorSubtaskState snapshotOf(RnnFunction<String, Token, Prediction> recurrence)
      throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertStep(harness, TOKEN, 1, 11);
      return harness.snapshot();
    }
  }
}
