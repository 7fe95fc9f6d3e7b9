package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rejected token in a batch is a dead letter. The other tokens of the batch do not notice it. */
class BatchRejectionTest {
  @TempDir private Path directory;

  private static RnnFunction<String, Token, Prediction> batches(
      RnnFunction<String, Token, Prediction> function) {
    return function.with(new BatchOptions(32, Duration.ofMinutes(1)));
  }

  /** Runs the tokens in batches, and again one at a time. */
  private static void assertSame(
      RnnFunction<String, Token, Prediction> function, List<String> rejections, Token... tokens)
      throws Exception {
    try (RnnHarness together = RnnHarness.open(batches(function));
        RnnHarness oneByOne =
            RnnHarness.open(function.with(new BatchOptions(1, Duration.ofMinutes(1))))) {
      for (Token token : tokens) {
        together.arrive(token);
        oneByOne.arrive(token);
      }
      assertThat(together.all()).isEmpty();
      assertThat(together.rejected()).isEmpty();
      together.idle();
      assertThat(together.all()).isEqualTo(oneByOne.all());
      assertThat(together.rejected()).isEqualTo(oneByOne.rejected());
      assertThat(rejections(together)).isEqualTo(rejections);
      assertThat(together.ended()).isEqualTo(oneByOne.ended());
      assertThat(together.entries()).isEqualTo(oneByOne.entries());
      assertThat(together.timers()).isEqualTo(oneByOne.timers());
      for (String count : List.of("steps", "sequencesStarted", "sequencesEnded")) {
        assertThat(together.metrics().count(count))
            .as(count)
            .isEqualTo(oneByOne.metrics().count(count));
      }
    }
  }

  private static List<String> rejections(RnnHarness harness) {
    return harness.rejected().stream()
        .map(record -> record.reason().text() + ": " + record.detail())
        .toList();
  }

  @Test
  void anUnknownWord() throws Exception {
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.words(directory)),
        List.of("unknown-token: token: expected a word of the vocabulary"),
        Token.of("a", "cat"),
        Token.of("b", "zebra"),
        Token.of("c", "sat"),
        Token.of("b", "down"),
        Token.of("a", "the"));
  }

  @Test
  void theOnlyTokensOfABatch() throws Exception {
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.words(directory)),
        List.of(
            "unknown-token: token: expected a word of the vocabulary",
            "missing-field: token: expected a word of the vocabulary"),
        Token.of("a", "zebra"),
        Token.of("b", (String) null));
  }

  /** The sequence goes on from the last token that was taken. */
  @Test
  void aStepThatOverflows() throws Exception {
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.unbounded(directory, "1"))
            .with(GoldenCase.NUMBERS.withEnds())
            .withIdleTimeout(Duration.ofMinutes(30)),
        List.of(
            "not-finite: step 1 overflows float32",
            "not-finite: step 2 overflows float32",
            "not-finite: step 1 overflows float32"),
        Token.of("a", 1f),
        Token.of("b", 1e9f),
        Token.of("c", 2f),
        Token.of("d", 3f),
        Token.of("c", 1e9f), // its state stays
        Token.of("b", 4f),
        Token.of("d", 1e9f).first(), // does not end the sequence
        Token.of("a", 5f),
        Token.of("c", 6f),
        Token.of("d", 7f).last());
  }

  /** The state is finite, and the head is not. */
  @Test
  void aHeadThatOverflows() throws Exception {
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.unbounded(directory, "1e5")),
        List.of("not-finite: step 1 overflows float32"),
        Token.of("a", 1f),
        Token.of("b", 1e5f),
        Token.of("c", 2f),
        Token.of("d", 3f));
  }

  /** The lower layer overflows, the upper one and the head do not. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aHiddenStateThatOverflows(int window) throws Exception {
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.hiddenOverflow(directory))
            .with(SequenceOptions.DEFAULT.withWindow(window)),
        List.of("not-finite: step 1 overflows float32", "not-finite: step 2 overflows float32"),
        Token.of("a", 1f),
        Token.of("b", 1e9f),
        Token.of("c", 2f),
        Token.of("a", 1e9f),
        Token.of("b", 1f),
        Token.of("a", 3f));
  }

  /** If nothing uses the numbers of a window, only the tokens must be finite. */
  @Test
  void noNumberOfAWindowThatNothingUses() throws Exception {
    assertSame(
        RnnFunction.of(ModelDirectory.hiddenOverflow(directory).toString())
            .withFields(OutputField.SEQ)
            .with(SequenceOptions.DEFAULT.withWindow(2)),
        List.of(),
        Token.of("a", 1f),
        Token.of("b", 1e9f),
        Token.of("c", 2f));
  }

  @Test
  void aLongKeyThatGenerates() throws Exception {
    String key = "k".repeat(1 << 20);
    assertSame(
        GoldenCase.withNumbers(ModelDirectory.cycle(directory))
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation(null, 40, 0, 0))),
        List.of(
            "too-large: generate: expected at most 67108864 bytes of key and carried values in all"
                + " predictions, found up to 40 times 2097152"),
        Token.of("a", "a").withGenerate(),
        Token.of(key, "b").withGenerate(),
        Token.of("c", "b"));
  }

  /** A held value that never came, and a missing value, among tokens of fields. */
  @Test
  void aTokenOfFields() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {2, 2}, 1, .5f, -.5f, 1)
                .f32("rnn.weight_hh_l0", new int[] {2, 2}, .5f, .25f, -.25f, .5f)
                .f32("fc.weight", new int[] {2, 2}, 1, 2, 3, 4))
        .config("{'input': {'fields': ['amount', {'name': 'limit', 'hold': true}]}}");
    assertSame(
        GoldenCase.withNumbers(directory),
        List.of(
            "missing-field: limit: missing: expected a value",
            "missing-field: amount: missing: expected a value"),
        Token.of("a", Map.of("amount", 1.0, "limit", 2.0)),
        Token.of("b", Map.of("amount", 3.0)),
        Token.of("c", Map.of("limit", 4.0)),
        Token.of("d", Map.of("amount", 5.0, "limit", 6.0)),
        Token.of("a", Map.of("amount", 7.0)),
        Token.of("b", Map.of("amount", 8.0, "limit", 9.0)),
        Token.of("d", Map.of("amount", 1.5)));
  }

  @Test
  void withOnRejectedFailTheJobFails() throws Exception {
    RnnFunction<String, Token, Prediction> strict =
        RnnFunction.of(ModelDirectory.words(directory).toString()).with(OnRejected.FAIL);
    try (RnnHarness harness = RnnHarness.open(batches(strict))) {
      harness.arrive(Token.of("a", "cat"));
      harness.arrive(Token.of("b", "zebra"));
      assertThatThrownBy(harness::idle)
          .isInstanceOf(SuppressRestartsException.class)
          .hasStackTraceContaining("a token of sequence 'b': unknown-token");
      assertThat(harness.all()).as("nothing that comes after a failure").isEmpty();
      assertThat(harness.rejected()).isEmpty();
    }
  }
}
