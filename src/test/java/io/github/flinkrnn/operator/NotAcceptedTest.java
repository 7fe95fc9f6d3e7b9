package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A token that ONNX Runtime does not accept, such as a category that the training never saw, is a
 * dead letter. The next step continues from the last token that was taken. h&lt;t&gt; =
 * h&lt;t-1&gt; + E[x].
 */
class NotAcceptedTest {
  @TempDir private Path directory;

  @BeforeEach
  void writeModel() throws Exception {
    Files.write(directory.resolve("model.onnx"), SmallSteps.tableModel());
    Files.writeString(directory.resolve("config.json"), "{}");
  }

  private static float hidden(RnnHarness harness, float x) throws Exception {
    Prediction prediction = harness.process(Token.of("k", x)).get(0);
    return prediction.hidden()[0];
  }

  @Test
  void anIndexOutOfRangeIsADeadLetterAndLeavesTheSequence() throws Exception {
    try (RnnHarness harness = RnnHarness.open(GoldenCase.withNumbers(directory))) {
      assertThat(hidden(harness, 2)).isEqualTo(0.5f);
      assertThat(harness.process(Token.of("k", 3))).isEmpty();
      assertThat(harness.process(Token.of("k", -4).first())).isEmpty();
      assertThat(hidden(harness, 0)).isEqualTo(1);
      assertThat(harness.t(Token.of("k", 1))).isEqualTo(3);
      assertThat(harness.rejected()).hasSize(2);
      RejectedRecord rejected = harness.rejected().get(0);
      assertThat(rejected.reason()).isEqualTo(Reason.NOT_ACCEPTED);
      assertThat(rejected.detail())
          .startsWith("step 2: ")
          .contains("idx=3")
          .contains("[-3,2]")
          .doesNotContain("\n");
      assertThat(harness.metrics().count("reason.not-accepted.rejected")).isEqualTo(2);
    }
  }

  @Test
  void aResultThatIsNotFiniteIsADeadLetterAndLeavesTheSequence() throws Exception {
    Files.write(directory.resolve("model.onnx"), SmallSteps.reciprocalModel());
    try (RnnHarness harness = RnnHarness.open(GoldenCase.withNumbers(directory))) {
      assertThat(hidden(harness, 2)).isEqualTo(0.5f);
      assertThat(harness.process(Token.of("k", 0))).isEmpty(); // 1 / 0
      assertThat(hidden(harness, 4)).isEqualTo(0.75f);
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.NOT_FINITE);
    }
  }

  /**
   * With a window, the token must be checked when it arrives. Otherwise the next token would be
   * rejected.
   */
  @Test
  void inAWindowTheTokenItselfIsRejected() throws Exception {
    RnnFunction<String, Token, Prediction> window =
        RnnFunction.of(directory.toString())
            .withFields(OutputField.SEQ)
            .with(SequenceOptions.DEFAULT.withWindow(3));
    try (RnnHarness harness = RnnHarness.open(window)) {
      assertThat(harness.process(Token.of("k", 1))).hasSize(1);
      assertThat(harness.process(Token.of("k", 9))).isEmpty();
      assertThat(harness.process(Token.of("k", 2))).hasSize(1);
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.NOT_ACCEPTED);
    }
  }
}
