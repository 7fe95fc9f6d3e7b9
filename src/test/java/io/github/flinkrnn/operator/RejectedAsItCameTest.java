package io.github.flinkrnn.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A record that the operator rejects is emitted as it arrived, if the token keeps it. */
class RejectedAsItCameTest {
  private static final Origin ORIGIN = new Origin("in", 3, 14);

  @TempDir private Path directory;
  private Path words;

  @BeforeEach
  void writeModel() throws Exception {
    words = ModelDirectory.words(directory);
  }

  /** A record whose bytes cannot be restored from its token. */
  private static SourceRecord record(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    return new SourceRecord("kafka-key".getBytes(UTF_8), bytes, bytes.length, 77L, ORIGIN);
  }

  private static Token token(String word, Long seq, Long time, SourceRecord source) {
    return new Token("k", word, null, null, seq, time, false, false, false, null, source);
  }

  private RnnHarness open(OrderOptions order) throws Exception {
    return RnnHarness.open(
        RnnFunction.of(words.toString()).with(SequenceOptions.DEFAULT.withOrder(order)));
  }

  private static void assertRejected(RnnHarness harness, Reason reason, SourceRecord record) {
    assertThat(harness.rejected())
        .extracting(RejectedRecord::reason, RejectedRecord::record)
        .containsExactly(tuple(reason, record));
  }

  @Test
  void aLateTokenIsTheRecord() throws Exception {
    SourceRecord late = record("{\"user\": {\"id\": \"k\"}, \"ts\": 5e0}");
    try (RnnHarness harness = open(OrderOptions.of(OrderOptions.By.TIMESTAMP))) {
      harness.watermark(10);
      harness.process(token("cat", null, 5L, late));
      assertRejected(harness, Reason.LATE, late);
    }
  }

  @Test
  void aTokenAfterAGapIsTheRecordAlsoFromState() throws Exception {
    SourceRecord waited = record("{ \"n\" : 5 }");
    OrderOptions order = OrderOptions.of(OrderOptions.By.SEQ).from(0).withGaps(OnGap.REJECT);
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(words.toString()).with(SequenceOptions.DEFAULT.withOrder(order));
    try (RnnHarness before = RnnHarness.open(function)) {
      before.process(token("cat", 0L, null, record("{}")));
      before.process(token("cat", 5L, null, waited));
      try (RnnHarness after = RnnHarness.restore(function, before.snapshot(), 0)) {
        after.endOfInput();
        assertThat(after.rejected()).hasSize(1);
        RejectedRecord rejected = after.rejected().get(0);
        assertThat(rejected.reason()).isEqualTo(Reason.GAP);
        assertThat(rejected.record()).usingRecursiveComparison().isEqualTo(waited);
      }
    }
  }

  @Test
  void aTokenWithoutANumberIsTheRecord() throws Exception {
    SourceRecord numberless = record("{\"n\":null}");
    try (RnnHarness harness = open(OrderOptions.of(OrderOptions.By.SEQ))) {
      harness.process(token("cat", null, null, numberless));
      assertRejected(harness, Reason.MISSING_FIELD, numberless);
    }
  }

  @Test
  void aTokenWhoseStepOverflowsIsTheRecord() throws Exception {
    SourceRecord large = record("{\"x\": [1e30]}");
    Token token =
        new Token(
            "k", null, new float[] {1e30f}, null, null, null, false, false, false, null, large);
    RnnFunction<String, Token, Prediction> unbounded =
        GoldenCase.withNumbers(ModelDirectory.unbounded(directory, "1"));
    try (RnnHarness harness = RnnHarness.open(unbounded)) {
      harness.process(token);
      assertRejected(harness, Reason.NOT_FINITE, large);
    }
  }

  /** If the job has no dead letters, the token is written as JSON, with its origin. */
  @Test
  void aTokenWithoutTheBytesIsWrittenAsJson() throws Exception {
    SourceRecord known = record("{}").withoutBytes();
    try (RnnHarness harness = open(OrderOptions.of(OrderOptions.By.SEQ))) {
      harness.process(token("cat", null, null, known));
      SourceRecord rejected = harness.rejected().get(0).record();
      assertThat(new String(rejected.value(), UTF_8))
          .isEqualTo("{\"key\":\"k\",\"token\":\"cat\"}");
      assertThat(new String(rejected.key(), UTF_8)).isEqualTo("k");
      assertThat(rejected.origin()).isEqualTo(ORIGIN);
      assertThat(rejected.timestamp()).isEqualTo(77L);
    }
  }

  @Test
  void aPredictionNamesTheRecordOfItsToken() throws Exception {
    SourceRecord source = record("{}");
    try (RnnHarness harness = open(OrderOptions.ARRIVAL)) {
      List<Prediction> predictions = harness.process(token("cat", null, null, source));
      assertThat(predictions).extracting(Prediction::source).containsExactly(source);
    }
  }
}
