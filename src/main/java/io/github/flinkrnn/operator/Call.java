package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.TokenEncoder;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Flink's call of the operator with one token or timer: what Flink hands over for it. */
final class Call implements Outlet {
  private static final Logger LOG = LoggerFactory.getLogger(RnnFunction.class);

  private final boolean tellsEnds;
  private final OnRejected onRejected;
  private final RejectionLog log = new RejectionLog(LOG);
  private final RejectedMetric rejected;
  private KeyedProcessFunction<String, Token, Prediction>.Context context;
  private Collector<Prediction> out;

  /**
   * @param tellsEnds whether ends of sequences go to {@link RnnFunction#ENDED}
   */
  Call(RuntimeContext runtime, boolean tellsEnds, OnRejected onRejected) {
    this.tellsEnds = tellsEnds;
    this.onRejected = onRejected;
    rejected = new RejectedMetric(runtime, JobCounts.REJECTED_TOKENS);
  }

  void begin(
      KeyedProcessFunction<String, Token, Prediction>.Context now, Collector<Prediction> to) {
    context = now;
    out = to;
  }

  @Override
  public TimerService timers() {
    return context.timerService();
  }

  @Override
  public void emit(Prediction prediction) {
    out.collect(prediction);
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    rejected.count(reason);
    RejectedRecord record = new RejectedRecord(reason, detail, source(token));
    context.output(RnnFunction.REJECTED, record);
    switch (onRejected) {
      case LOG -> log.add(record);
      case FAIL ->
          throw new SuppressRestartsException(
              new IllegalArgumentException(
                  "a token of sequence '" + token.key() + "': " + reason.text() + ", " + detail));
      default -> {}
    }
  }

  /** The record as it came; the JSON of the token where that is not kept. */
  private static SourceRecord source(Token token) {
    SourceRecord source = token.source();
    if (source != null && source.value() != null) {
      return source;
    }
    byte[] json = TokenEncoder.encode(token);
    byte[] key = token.key().getBytes(StandardCharsets.UTF_8);
    return new SourceRecord(
        key,
        json,
        json.length,
        source == null ? null : source.timestamp(),
        source == null ? null : source.origin());
  }

  @Override
  public boolean tellsEnds() {
    return tellsEnds;
  }

  @Override
  public void ended(String key, long t, EndReason why, long time) {
    if (tellsEnds) {
      context.output(
          RnnFunction.ENDED, new SequenceEnd(key, t, why.text(), time == 0 ? null : (Long) time));
    }
  }

  void close() {
    log.end();
  }
}
