package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.kafka.TopicWatch;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.JobCounts;
import io.github.flinkrnn.operator.LogContext;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.RejectedMetric;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.operator.TokenReader;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.time.Instant;
import java.util.Locale;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes records into tokens. It is an operator after the source, so that a bad record can go to
 * {@link RnnFunction#REJECTED} with its bytes and its origin.
 */
@Internal
public final class TokenDecodeFunction extends ProcessFunction<SourceRecord, Token>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TokenDecodeFunction.class);
  private static final long CENTURY_BEGINS = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
  private static final long CENTURY_ENDS = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

  private final ModelLocation location;
  private final TokenFields fields;
  private final int maxBytes;
  private final boolean keepsRecords;
  private SourceSpec.Kafka source;

  private transient boolean restored;
  private transient boolean holdsModel;
  private transient boolean warned;
  private transient TokenDecoder decoder;
  private transient RejectedMetric rejected;
  private transient TopicWatch topics;

  /**
   * @param maxBytes the maximum length of a record in bytes
   * @param keepsRecords whether a token keeps the bytes of its record, so that a later dead letter
   *     shows the record as it came
   */
  public TokenDecodeFunction(
      ModelLocation location, TokenFields fields, int maxBytes, boolean keepsRecords) {
    this.location = location;
    this.fields = fields;
    this.maxBytes = maxBytes;
    this.keepsRecords = keepsRecords;
  }

  /** The same function. It reports the topics of a source that do not exist. */
  TokenDecodeFunction watching(SourceSpec from) {
    source = from instanceof SourceSpec.Kafka kafka && !kafka.bounded() ? kafka : null;
    return this;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    restored = context.isRestored();
  }

  /** There is no state. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  public void open(OpenContext context) throws Exception {
    RnnModel model = acquire();
    holdsModel = true;
    decoder =
        new TokenDecoder(
            TokenReader.fields(model, fields), TokenReader.reads(model), maxBytes, keepsRecords);
    LogContext.set(getRuntimeContext(), model);
    rejected = new RejectedMetric(getRuntimeContext(), JobCounts.REJECTED_RECORDS);
    if (source != null) {
      topics =
          TopicMetric.register(
              getRuntimeContext(),
              source.topics(),
              source.properties(),
              "the job continues at its old offsets, or at the first record if the topic does not"
                  + " have them; it skips the records before its old offsets");
    }
  }

  private RnnModel acquire() throws Exception {
    try {
      return SharedModel.acquire(location);
    } catch (InvalidFileException e) {
      throw SharedModel.failure(e, getRuntimeContext(), restored);
    }
  }

  @Override
  public void close() {
    if (topics != null) {
      topics.close();
    }
    if (holdsModel) {
      holdsModel = false;
      LogContext.clear();
      SharedModel.release(location);
    }
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<Token> out) {
    try {
      if (decoder.readsArrays()) {
        decodeEach(record, context, out);
      } else {
        emit(decoder.decode(record), out);
      }
    } catch (Rejection rejection) {
      reject(rejection, record, context);
    }
  }

  private void decodeEach(SourceRecord record, Context context, Collector<Token> out)
      throws Rejection {
    decoder.decodeEach(
        record,
        new TokenDecoder.Elements() {
          @Override
          public void token(Token token) {
            emit(token, out);
          }

          @Override
          public void rejected(Rejection why, SourceRecord element) {
            reject(why, element, context);
          }
        });
  }

  private void emit(Token token, Collector<Token> out) {
    warnOfUnit(token);
    out.collect(token);
  }

  private void reject(Rejection why, SourceRecord record, Context context) {
    rejected.count(why.reason());
    context.output(
        RnnFunction.REJECTED, new RejectedRecord(why.reason(), why.getMessage(), record));
  }

  /** Warns of a wrong unit, like seconds read as milliseconds, which would go unnoticed. */
  private void warnOfUnit(Token token) {
    Long time = token.timestamp();
    if (warned || time == null || (time >= CENTURY_BEGINS && time < CENTURY_ENDS)) {
      return;
    }
    warned = true;
    LOG.warn(
        "timestamp: {} ({}) is not in this century; check source.time_unit, the unit of the"
            + " records' timestamps, which is {}",
        time,
        Instant.ofEpochMilli(time),
        fields.times().unit().name().toLowerCase(Locale.ROOT));
  }
}
