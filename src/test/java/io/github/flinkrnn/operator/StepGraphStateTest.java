package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The state tensors of a step graph are managed state like any other. A snapshot that is restored
 * at any token continues bit for bit, with ONNX Runtime and with the built-in cells.
 */
class StepGraphStateTest {
  @ParameterizedTest
  @ValueSource(strings = {"step-coupled-lstm", "step-two-layers", "step-plain-lstm"})
  void survivesASnapshotAtAnyToken(String name) throws Exception {
    io.github.flinkrnn.model.GoldenCase golden =
        io.github.flinkrnn.model.GoldenCase.of("onnx", name);
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(golden.modelDirectory());
    List<Token> tokens = tokens(golden);
    List<StepBits> expected;
    try (RnnModel model = golden.model()) {
      expected = new SequentialReference(model).steps(tokens);
    }
    // Otherwise each harness would read the model again, and try it in a process of its own.
    ModelLocation location = new ModelLocation(golden.modelDirectory().toString());
    SharedModel.acquire(location);
    for (int cut = 1; cut < tokens.size(); cut += 4) {
      List<StepBits> actual;
      OperatorSubtaskState snapshot;
      try (RnnHarness before = RnnHarness.open(recurrence)) {
        actual = new ArrayList<>(before.steps(tokens.subList(0, cut)));
        snapshot = before.snapshot();
      }
      try (RnnHarness after = RnnHarness.restore(recurrence, snapshot, 0)) {
        actual.addAll(after.steps(tokens.subList(cut, tokens.size())));
        assertThat(after.entries()).isEqualTo(3);
      }
      assertThat(actual).as("cut at %d", cut).isEqualTo(expected);
    }
    SharedModel.release(location);
    assertThat(SharedModel.held()).isZero();
  }

  private static List<Token> tokens(io.github.flinkrnn.model.GoldenCase golden) throws IOException {
    List<Token> tokens = new ArrayList<>();
    for (io.github.flinkrnn.model.GoldenCase.Step step : golden.steps()) {
      tokens.add(
          step.token() == null
              ? Token.of(step.key(), step.features())
              : Token.of(step.key(), step.token()));
    }
    return tokens;
  }
}
