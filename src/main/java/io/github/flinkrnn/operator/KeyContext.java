package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.TokenEncoder;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Provides the state, timers, time and output of the current key from Flink. */
final class KeyContext<K, IN, OUT>
    implements KeyStore, StateCache.Store, Clock, KeyTimers.Timers, Outlet {
  private static final Logger LOG = LoggerFactory.getLogger(RnnFunction.class);

  private final RuntimeContext runtime;
  private final Elements<IN, OUT> elements;
  private final boolean tellsEnds;
  private final OnRejected onRejected;
  private final RejectionLog log = new RejectionLog(LOG);
  private final RejectedMetric rejected;
  private final SequenceMetrics metrics;
  private final DuplicateCount duplicates; // null without deduplication
  private final ValueState<SequenceState> states;
  private WaitingByNumber byNumber; // null until first used
  private WaitingByTime byTime; // null until first used
  private KeyedProcessFunction<K, IN, OUT>.Context context;
  private Collector<OUT> out;
  private Batch batch; // null for one token at a time
  private boolean inPlace; // the store holds the object that state() returned
  private Consumer<Object> setKey;
  private Supplier<Object> currentKey;
  private StateCache cache; // null for none
  private IN element; // of this call; set only if the output depends on it
  private SourceRecord source; // of the token made from the element

  /**
   * @param tellsEnds whether the ends of sequences go to {@link RnnFunction#ENDED}
   */
  KeyContext(
      RuntimeContext runtime,
      Elements<IN, OUT> elements,
      OrderOptions order,
      boolean tellsEnds,
      OnRejected onRejected,
      SequenceMetrics metrics,
      DuplicateCount duplicates) {
    this.runtime = runtime;
    this.elements = elements;
    this.tellsEnds = tellsEnds;
    this.onRejected = onRejected;
    this.metrics = metrics;
    this.duplicates = duplicates;
    rejected = new RejectedMetric(runtime, JobCounts.REJECTED_TOKENS);
    states = runtime.getState(RnnFunction.stateDescriptor());
    switch (order.by()) { // fail at the start if a savepoint cannot be read
      case SEQ -> byNumber();
      case TIMESTAMP -> byTime();
      default -> {}
    }
  }

  /**
   * Steps are computed in batches.
   *
   * @param changesInPlace whether a state that was read need not be written after a change. Flink's
   *     heap backend returns the object that it holds, or, while a snapshot needs that one, a copy
   *     that it holds instead
   */
  void computesIn(Batch of, boolean changesInPlace) {
    batch = of;
    inPlace = changesInPlace;
  }

  /**
   * States of recently used keys are kept as objects.
   *
   * @param capacity in bytes
   * @param set sets the current key
   * @param get the current key
   * @param keys the serializer of the keys
   */
  void caches(long capacity, Consumer<Object> set, Supplier<Object> get, TypeSerializer<?> keys) {
    setKey = set;
    currentKey = get;
    cache = new StateCache(this, capacity, new HeapBytes(keys));
    metrics.show(cache);
  }

  /** Writes what is only in the cache. */
  void writeStates() throws Exception {
    if (cache != null) {
      cache.writeDirty();
    }
  }

  /** The cache of states; null if there is none. */
  StateCache cache() {
    return cache;
  }

  private Object key() {
    Object ofBatch = batch == null ? null : batch.key();
    return ofBatch != null ? ofBatch : currentKey.get();
  }

  private void useKey() {
    if (batch != null) {
      batch.useKey();
    }
  }

  /** Begins a call from Flink, with one token or one timer. */
  @SuppressWarnings("ReferenceEquality")
  void begin(
      KeyedProcessFunction<K, IN, OUT>.Context now, Collector<OUT> to, IN came, Token token) {
    // Flink passes the same two objects each time. Sequences explains the cost of a field store.
    if (context != now) {
      context = now;
    }
    if (out != to) {
      out = to;
    }
    if (elements.areJoined()) {
      element = came;
      source = token == null ? null : token.source();
    }
  }

  @Override
  public SequenceState state() throws Exception {
    if (batch != null && batch.isPlanning()) {
      return batch.state();
    }
    if (cache != null) {
      return cache.state(key());
    }
    useKey();
    return states.value();
  }

  @Override
  public void keep(SequenceState state, boolean wasRead) throws Exception {
    if (cache != null) {
      cache.keep(key(), state, wasRead);
    } else if (!wasRead || !inPlace) {
      useKey();
      states.update(state);
    }
  }

  @Override
  public void clear() throws Exception {
    if (cache != null) {
      cache.clear(key());
    } else {
      useKey();
      states.clear();
    }
  }

  @Override
  public SequenceState read(Object key) throws IOException {
    setKey.accept(key);
    return states.value();
  }

  @Override
  public void write(Object key, SequenceState state) throws IOException {
    Object before = currentKey.get();
    setKey.accept(key);
    states.update(state);
    if (before != null) { // the key that is processed: another one left
      setKey.accept(before);
    }
  }

  @Override
  public void clear(Object key) {
    setKey.accept(key);
    states.clear();
  }

  @Override
  public WaitingTokens.ByNumber byNumber() {
    useKey();
    if (byNumber == null) {
      byNumber = new WaitingByNumber(runtime::getMapState);
    }
    return byNumber;
  }

  @Override
  public WaitingTokens byTime() {
    useKey();
    if (byTime == null) {
      byTime = new WaitingByTime(runtime::getMapState);
    }
    return byTime;
  }

  @Override
  public long processingTime() {
    return context.timerService().currentProcessingTime();
  }

  @Override
  public long watermark() {
    return context.timerService().currentWatermark();
  }

  @Override
  public void register(boolean inEventTime, long time) {
    useKey();
    TimerService timers = context.timerService();
    if (inEventTime) {
      timers.registerEventTimeTimer(time);
    } else {
      timers.registerProcessingTimeTimer(time);
    }
  }

  @Override
  public void delete(boolean inEventTime, long time) {
    useKey();
    TimerService timers = context.timerService();
    if (inEventTime) {
      timers.deleteEventTimeTimer(time);
    } else {
      timers.deleteProcessingTimeTimer(time);
    }
  }

  @Override
  public void emit(Prediction prediction) {
    try {
      out.collect(elements.output(prediction, element, source));
    } catch (Exception e) {
      ExceptionUtils.rethrow(e);
    }
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    rejected.count(reason);
    RejectedRecord record = new RejectedRecord(reason, detail, record(token));
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

  /**
   * The source record of the token. If its bytes were not kept, or are those of an element of a
   * user class, a record with the JSON of the token.
   */
  private SourceRecord record(Token token) {
    SourceRecord source = token.source();
    if (source != null && source.value() != null && !elements.areJoined()) {
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
  public void ended(String key, long t, EndReason why, long time, boolean isKeyed) {
    metrics.ended(why);
    if (tellsEnds) {
      context.output(
          RnnFunction.ENDED,
          new SequenceEnd(key, t, why.text(), time == 0 ? null : (Long) time, isKeyed));
    }
  }

  @Override
  public void started() {
    metrics.started.inc();
  }

  @Override
  public void stepped(byte[] marks) {
    metrics.steps.inc();
    if (marks != null) {
      metrics.read(marks);
    }
  }

  @Override
  public void gap() {
    metrics.gaps.inc();
  }

  @Override
  public void duplicate() {
    metrics.duplicates.inc();
    duplicates.add();
  }

  @Override
  public long stepsBegin() {
    return metrics.stepsBegin();
  }

  @Override
  public void stepsEnd(long begun, int steps) {
    metrics.stepsEnd(begun, steps);
  }

  void close() {
    log.end();
  }
}
