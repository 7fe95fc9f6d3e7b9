package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.KeyFormat;
import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.RecordForm;
import io.github.flinkrnn.json.SequenceEndEncoder;
import io.github.flinkrnn.operator.HarnessEnvironment;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/**
 * A state from before {@code source.key_format} was changed has sequences and tokens with keys of
 * the old format. What the job emits of them must reach the sink: an exception would repeat after
 * each restart.
 */
@SuppressWarnings("try") // closing a harness may be interrupted
class OtherKeyFormatTest {
  private static final SinkSpec SINK = new SinkSpec.File("/unused");
  private static final String UUID = "00112233-4455-6677-8899-aabbccddeeff";

  private static <T> SinkRecord encode(ProcessFunction<T, SinkRecord> encode, T element)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<T, SinkRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(encode), HarnessEnvironment.builder().build())) {
      harness.open();
      harness.processElement(element, 0);
      return harness.extractOutputValues().get(0);
    }
  }

  @Test
  void anEndOfAnOldSequenceHasItsKeyInUtf8() throws Exception {
    SinkRecord record =
        encode(
            EncodeFunction.ofEnds(SINK, new SequenceEndEncoder(), KeyFormat.LONG),
            new SequenceEnd(UUID, 3, "idle", 5L, true));
    assertThat(record.key()).isEqualTo(UUID.getBytes(UTF_8));
    assertThat(record.value())
        .asString()
        .isEqualTo("{\"key\":\"" + UUID + "\",\"t\":3,\"why\":\"idle\"}");
  }

  @Test
  void aPredictionOfAWaitingTokenHasItsKeyInUtf8() throws Exception {
    SourceRecord source = new SourceRecord(null, null, 0, 7L, null).asKeyed();
    SinkRecord record =
        encode(
            EncodeFunction.ofPredictions(SINK, new PredictionEncoder(List.of()), form()),
            new Prediction(
                UUID, 1, null, null, null, null, null, null, null, null, null, null, null, false,
                null, null, null, null, null, source));
    assertThat(record.key()).isEqualTo(UUID.getBytes(UTF_8));
    assertThat(record.value()).asString().isEqualTo("{\"key\":\"" + UUID + "\",\"t\":1}");
  }

  private static RecordForm form() {
    return new RecordForm(List.of(), null, KeyFormat.BYTES, false, List.of());
  }
}
