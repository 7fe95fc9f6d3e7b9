package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.KeyStore;
import io.github.flinkrnn.operator.ModelSession;
import io.github.flinkrnn.operator.Outlet;
import io.github.flinkrnn.operator.RejectionLog;
import io.github.flinkrnn.operator.Sequences;
import io.github.flinkrnn.operator.WaitingByNumber;
import io.github.flinkrnn.operator.WaitingByTime;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.ProcessTableFunction.Context;
import org.apache.flink.table.functions.ProcessTableFunction.OnTimerContext;
import org.apache.flink.table.functions.ProcessTableFunction.TimeContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of {@code RNN_STEPS}. All state of a key is in one view: the sequence at the empty
 * string, waiting tokens behind it.
 *
 * <p>Process table functions have timers in event time only. The time for which a token waits for
 * smaller numbers, which the operator measures by the clock, is therefore also event time here: now
 * is the time of the row, or the watermark if that is later.
 */
final class StepsSequence implements KeyStore, Clock, KeyTimers.Timers, Outlet, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RnnSteps.class);
  private static final String SEQUENCE = "";
  private static final String WAIT = "max_wait"; // the timer of the operator's clock

  private final StepsCall call;
  private final SqlModel<ModelSession> model;
  private final Sequences sequences;
  private final Consumer<RowData> out;
  private final StateBytes bytes = new StateBytes();
  private final RejectionLog log = new RejectionLog(LOG);
  private final ViewStates states = new ViewStates(() -> this.view);
  private WaitingByNumber byNumber; // null until first used
  private WaitingByTime byTime; // null until first used
  private MapView<String, byte[]> view; // of this call, as the next two
  private Context context;
  private TimeContext<Long> times; // null until asked for

  StepsSequence(StepsCall call, MetricGroup metrics, Consumer<RowData> out)
      throws IOException, InterruptedException {
    this.call = call;
    this.out = out;
    SequenceOptions options = call.options().sequence();
    OutputOptions output = call.options().output();
    model =
        new SqlModel<>(
            call.model(),
            options,
            output,
            read -> new ModelSession(read, options, output),
            metrics);
    sequences = new Sequences(options, output, model.steps(), this, this, this, this);
  }

  void take(Context now, MapView<String, byte[]> state, RowData row) throws Exception {
    begin(now, state);
    sequences.process(call.columns().token(row));
  }

  void onTimer(OnTimerContext now, MapView<String, byte[]> state) throws Exception {
    begin(now, state);
    sequences.onTimer("", now.currentTimer() == null, times().time());
  }

  private void begin(Context now, MapView<String, byte[]> state) {
    context = now;
    view = state;
    times = null;
  }

  private TimeContext<Long> times() {
    if (times == null) {
      times = context.timeContext(Long.class);
    }
    return times;
  }

  @Override
  public SequenceState state() throws Exception {
    return bytes.read(view.get(SEQUENCE));
  }

  @Override
  public void keep(SequenceState state, boolean wasRead) throws Exception {
    view.put(SEQUENCE, bytes.write(state));
  }

  @Override
  public void clear() throws Exception {
    view.remove(SEQUENCE);
  }

  @Override
  public WaitingTokens.ByNumber byNumber() {
    if (byNumber == null) {
      byNumber = new WaitingByNumber(states);
    }
    return byNumber;
  }

  @Override
  public WaitingTokens byTime() {
    if (byTime == null) {
      byTime = new WaitingByTime(states);
    }
    return byTime;
  }

  @Override
  public long processingTime() {
    Long ofRow = times().time();
    return ofRow == null ? watermark() : Math.max(ofRow, watermark());
  }

  @Override
  public long watermark() {
    Long reached = times().currentWatermark();
    return reached == null ? Long.MIN_VALUE : reached;
  }

  @Override
  public void register(boolean inEventTime, long time) {
    if (inEventTime) {
      times().registerOnTime(time);
    } else {
      times().registerOnTime(WAIT, time);
    }
  }

  @Override
  public void delete(boolean inEventTime, long time) {
    if (inEventTime) {
      times().clearTimer(time);
    } else {
      times().clearTimer(WAIT);
    }
  }

  @Override
  public void emit(Prediction prediction) {
    out.accept(call.result().row(prediction));
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    model.rejected();
    RowData row = call.result().row(token, reason, detail);
    if (row == null) {
      log.add(
          new RejectedRecord(
              reason, detail, new SourceRecord(null, null, 0, token.timestamp(), null)));
    } else {
      out.accept(row);
    }
  }

  @Override
  public void stepped(byte[] marks) {
    model.stepped();
  }

  @Override
  public boolean tellsEnds() {
    return false;
  }

  @Override
  public void ended(String key, long t, EndReason why, long time, boolean isKeyed) {}

  @Override
  public void started() {}

  @Override
  public void gap() {}

  @Override
  public void duplicate() {}

  @Override
  public long stepsBegin() {
    return 0;
  }

  @Override
  public void stepsEnd(long begun, int count) {}

  @Override
  public void close() {
    log.end();
    model.close();
  }
}
