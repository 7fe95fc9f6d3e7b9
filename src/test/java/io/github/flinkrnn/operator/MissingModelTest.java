package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A missing model ends a job that never had it. A job that had it tries again. */
class MissingModelTest {
  @TempDir private Path directory;

  @Test
  void endsAJobAtItsFirstStart() {
    RnnFunction<String, Token, Prediction> absent =
        RnnFunction.of(directory.resolve("absent").toString());
    assertThatThrownBy(() -> RnnHarness.open(absent))
        .isInstanceOf(SuppressRestartsException.class)
        .hasRootCauseInstanceOf(InvalidFileException.class);
  }

  @Test
  void letsARestoredJobTryAgain() throws Exception {
    OperatorSubtaskState snapshot;
    RnnFunction<String, Token, Prediction> present =
        RnnFunction.of(ModelDirectory.words(directory).toString());
    try (RnnHarness harness = RnnHarness.open(present)) {
      harness.process(Token.of("k", "cat"));
      snapshot = harness.snapshot();
    }
    RnnFunction<String, Token, Prediction> absent =
        RnnFunction.of(directory.resolve("absent").toString());
    assertThatThrownBy(() -> RnnHarness.restore(absent, snapshot, 0))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(" in the model directory, found none");
  }
}
