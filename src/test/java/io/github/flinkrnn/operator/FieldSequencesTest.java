package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a sequence keeps for the next x&lt;t&gt;: held values, overlapping numbers and the time of
 * the last step. The hidden state is relu(x&lt;t&gt;) and relu(-x&lt;t&gt;), so that it shows
 * x&lt;t&gt;.
 */
class FieldSequencesTest {
  @TempDir private Path directory;

  /** x&lt;t&gt;: amount, limit (held), the last of the two before, two numbers, seconds elapsed. */
  @BeforeEach
  void writeModel() throws IOException {
    int n = 6;
    float[] both = new float[2 * n * n];
    for (int i = 0; i < n; i++) {
      both[i * n + i] = 1;
      both[(n + i) * n + i] = -1;
    }
    ModelDirectory.in(directory)
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {2 * n, n}, both)
                .zeros("rnn.weight_hh_l0", 2 * n, 2 * n)
                .zeros("fc.weight", 1, 2 * n))
        .config(
            "{'nonlinearity': 'relu', 'input': {'fields': ["
                + "{'name': 'amount', 'missing': -1},"
                + "{'name': 'limit', 'hold': true},"
                + "{'name': 'pair', 'type': 'vector', 'size': 2, 'overlap': 1, 'missing': 9},"
                + "{'type': 'elapsed', 'first': -5}]}, 'output': {'activation': 'identity'}}");
  }

  private RnnFunction<String, Token, Prediction> function(int window) {
    return RnnFunction.of(directory.toString())
        .withFields(OutputField.HIDDEN)
        .with(SequenceOptions.DEFAULT.withWindow(window))
        .with(OnRejected.SIDE_OUTPUT);
  }

  private static Token token(long millis, Object amount, Object limit, double... pair) {
    Map<String, Object> values = new HashMap<>();
    values.put("amount", amount);
    values.put("limit", limit);
    values.put("pair", pair.length == 0 ? null : pair);
    return Token.of("k", values).atTime(millis);
  }

  private static final Token[] TOKENS = {
    token(1000, 7, 100, 1, 2),
    token(3500, null, null, 3, 4), // amount is missing, limit is held
    token(2500, 8.5, 50), // time runs backwards; pair is missing
    token(4500, true, null, Double.NaN, 6).last(),
    token(9000, 1, null, 1, 1), // a new sequence has no limit
    token(9500, 2, 20, 1, 1)
  };

  private static List<List<Float>> x(RnnHarness harness) {
    List<List<Float>> all = new ArrayList<>();
    for (Prediction prediction : harness.all()) {
      List<Float> x = new ArrayList<>();
      float[] a = prediction.hidden();
      for (int i = 0; i < a.length / 2; i++) {
        x.add(a[i] - a[a.length / 2 + i]);
      }
      all.add(x);
    }
    return all;
  }

  private static final List<List<Float>> EXPECTED =
      List.of(
          List.of(7f, 100f, 0f, 1f, 2f, -5f),
          List.of(-1f, 100f, 2f, 3f, 4f, 2.5f),
          List.of(8.5f, 50f, 4f, 9f, 9f, 0f),
          List.of(1f, 50f, 9f, 9f, 6f, 2f),
          List.of(2f, 20f, 0f, 1f, 1f, -5f));

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aSequenceKeepsWhatTheNextTokenNeeds(int window) throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(window))) {
      for (Token token : TOKENS) {
        harness.process(token);
      }
      assertThat(x(harness)).isEqualTo(EXPECTED);
      assertThat(harness.rejected())
          .extracting(RejectedRecord::detail)
          .containsExactly("limit: missing: expected a value");
      assertThat(harness.entries()).isEqualTo(1);
    }
  }

  /** The token without a limit is in neither the state nor the time of the next one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void itIsKeptInACheckpoint(int window) throws Exception {
    List<List<Float>> all = new ArrayList<>();
    OperatorSubtaskState snapshot = null;
    for (Token token : TOKENS) {
      try (RnnHarness harness = RnnHarness.restore(function(window), snapshot, 0)) {
        harness.process(token);
        all.addAll(x(harness));
        snapshot = harness.snapshot();
      }
    }
    assertThat(all).isEqualTo(EXPECTED);
  }

  @Test
  void aTokenWithoutATimeOrValuesIsRejected() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(0))) {
      harness.process(Token.of("k", Map.of("amount", 1, "limit", 1)));
      harness.process(Token.of("k", "word").atTime(5));
      harness.process(token(5, "12", 1, 1, 2));
      harness.process(token(5, 1e300, 1, 1, 2));
      harness.process(token(5, 1, 1, 1));
      assertThat(harness.rejected())
          .extracting(record -> record.reason().text() + ", " + record.detail())
          .containsExactly(
              "missing-field, timestamp: missing: expected a time, which the field 'elapsed' needs",
              "missing-field, limit: missing: expected a value",
              "wrong-type, amount: expected a number, found a string",
              "not-finite, amount: expected a finite float32",
              "wrong-length, pair: expected 2 numbers, found 1");
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void missingAndClippedValuesAreCounted() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(0))) {
      for (Token token : TOKENS) {
        harness.process(token);
      }
      assertThat(harness.metrics().count("field.amount.missing")).isEqualTo(1);
      assertThat(harness.metrics().count("field.pair.missing")).isEqualTo(2);
      assertThat(harness.metrics().count("field.limit.missing")).isZero();
      assertThat(harness.metrics().count("field.amount.clipped")).isZero();
      assertThat(harness.metrics().count("field.amount.unknown")).isZero();
    }
  }
}
