package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.HarnessEnvironment;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.RecordedMetrics;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.InstantiationUtil;

/** One subtask of the decoder in Flink's operator harness. */
public final class DecodeHarness implements AutoCloseable {
  private final OneInputStreamOperatorTestHarness<SourceRecord, Token> flink;
  private final RecordedMetrics metrics = new RecordedMetrics();

  private DecodeHarness(TokenDecodeFunction decode) throws Exception {
    flink =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(InstantiationUtil.clone(decode)),
            HarnessEnvironment.builder().setMetricGroup(metrics.task()).build());
  }

  /** A decoder that reads the fields at the top level. */
  public static TokenDecodeFunction function(ModelLocation model) {
    return new TokenDecodeFunction(
        model, TokenFields.TOP_LEVEL, TokenDecoder.DEFAULT_MAX_BYTES, false);
  }

  public static DecodeHarness open(ModelLocation model) throws Exception {
    return open(function(model));
  }

  public static DecodeHarness open(TokenDecodeFunction decode) throws Exception {
    DecodeHarness harness = new DecodeHarness(decode);
    harness.flink.open();
    return harness;
  }

  /** The tokens for the record: one, or none. */
  public List<Token> decode(SourceRecord record) throws Exception {
    int before = flink.getOutput().size();
    flink.processElement(record, 0);
    List<Token> all = flink.extractOutputValues();
    return all.subList(before, all.size());
  }

  public List<Token> decode(String json) throws Exception {
    byte[] value = json.getBytes(StandardCharsets.UTF_8);
    return decode(new SourceRecord(null, value, value.length, null, new Origin("in", 0, 0)));
  }

  public List<RejectedRecord> rejected() {
    List<RejectedRecord> records = new ArrayList<>();
    var side = flink.getSideOutput(RnnFunction.REJECTED);
    if (side != null) {
      side.forEach(record -> records.add(record.getValue()));
    }
    return records;
  }

  public RecordedMetrics metrics() {
    return metrics;
  }

  @Override
  public void close() throws IOException {
    try {
      flink.close();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
