package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.TokenEncoder;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Flink's call of the operator with one token or timer: what Flink hands over for it. */
final class Call implements Outlet {
  private final boolean tellsEnds;
  private final RejectedMetric rejected;
  private final LongCounter emitted = new LongCounter();
  private KeyedProcessFunction<String, Token, Prediction>.Context context;
  private Collector<Prediction> out;

  /**
   * @param tellsEnds whether ends of sequences go to {@link RnnFunction#ENDED}
   */
  Call(RuntimeContext runtime, boolean tellsEnds) {
    this.tellsEnds = tellsEnds;
    rejected = new RejectedMetric(runtime, JobCounts.REJECTED_TOKENS);
    runtime.addAccumulator(JobCounts.PREDICTIONS, emitted);
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
    emitted.add(1);
    out.collect(prediction);
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    rejected.count(reason);
    byte[] json = TokenEncoder.encode(token);
    byte[] key = token.key().getBytes(StandardCharsets.UTF_8);
    context.output(
        RnnFunction.REJECTED,
        new RejectedRecord(reason, detail, key, json, json.length, token.origin()));
  }

  @Override
  public void ended(String key, long t, EndReason why) {
    if (tellsEnds) {
      context.output(RnnFunction.ENDED, new SequenceEnd(key, t, why.text()));
    }
  }
}
