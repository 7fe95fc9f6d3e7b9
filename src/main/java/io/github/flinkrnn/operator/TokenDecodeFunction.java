package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * From records to tokens. It stands behind the source, not in it, so that a bad record can go to
 * {@link RnnFunction#REJECTED} with its bytes and the place it came from.
 */
public final class TokenDecodeFunction extends ProcessFunction<SourceRecord, Token> {
  private static final long serialVersionUID = 1L;

  private final ModelLocation location;
  private final TokenFields fields;
  private final int maxBytes;

  private transient boolean holdsModel;
  private transient TokenDecoder decoder;
  private transient RejectedMetric rejected;

  /**
   * @param maxBytes the longest record taken
   */
  public TokenDecodeFunction(ModelLocation location, TokenFields fields, int maxBytes) {
    this.location = location;
    this.fields = fields;
    this.maxBytes = maxBytes;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    RnnModel model = SharedModel.acquire(location);
    holdsModel = true;
    decoder = new TokenDecoder(fields, model.input(), maxBytes);
    LogContext.set(getRuntimeContext(), model);
    rejected = new RejectedMetric(getRuntimeContext(), JobCounts.REJECTED_RECORDS);
  }

  @Override
  public void close() {
    if (holdsModel) {
      holdsModel = false;
      LogContext.clear();
      SharedModel.release(location);
    }
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<Token> out) {
    try {
      out.collect(decoder.decode(record));
    } catch (Rejection rejection) {
      rejected.count(rejection.reason());
      context.output(
          RnnFunction.REJECTED,
          new RejectedRecord(
              rejection.reason(),
              rejection.getMessage(),
              record.key(),
              record.value(),
              record.length(),
              record.origin()));
    }
  }
}
