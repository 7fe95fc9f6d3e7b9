package io.github.flinkrnn.operator;

import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.InternalTimeServiceManager;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.sorted.state.BatchExecutionKeyedStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Collects tokens of different keys, so that {@link RnnFunction} computes their steps together. The
 * function owns state, timers and rules. This operator only decides when. State, timers and uid are
 * those of the function without this operator, so a savepoint fits both.
 *
 * <p>A batch is computed when it is full, when the task is idle, and before anything that must come
 * after its tokens: a checkpoint barrier, a watermark or another event between records, a timer in
 * processing time, and the end of the input. A second token of a key waits for the next batch.
 * Timers in event time are tokens here: those of one moment are computed together, before later
 * ones fire. What tokens and timers cause is emitted in the order of their arrival.
 *
 * <p>In batch execution mode, Flink sorts the input by key, and the state of a key is gone with the
 * next key. Then tokens are processed one at a time.
 */
final class BatchingOperator<K, IN, OUT> extends KeyedProcessOperator<K, IN, OUT> {
  private static final long serialVersionUID = 1L;

  /** The most arrivals for each step of a batch, before the first of them must be finished. */
  private static final int ARRIVALS = 16;

  /** After as many tokens of one key, the next ones of it are not collected, which is faster. */
  private static final int LONE = 256;

  private transient Batch batch; // null: one token at a time
  private transient Collected collected;
  private transient ArrivalOrder<OUT> order;
  private transient IdleSignal idle;
  private transient KeySelector<IN, K> keys;
  private transient ScheduledFuture<?> timer; // of the longest wait; null while none runs
  private transient InternalTimerService<VoidNamespace> timers;
  private transient long moment; // of the collected timers
  private transient int lone; // how many tokens in a row were of the current key

  BatchingOperator(RnnFunction<K, IN, OUT> function) {
    super(function);
  }

  @Override
  @SuppressWarnings("unchecked")
  public void open() throws Exception {
    int size = function().batching().size();
    order = new ArrivalOrder<>(output, Integer.highestOneBit(2 * ARRIVALS * size - 1));
    output = order;
    super.open();
    if (getKeyedStateBackend() instanceof BatchExecutionKeyedStateBackend) {
      return;
    }
    boolean isHeap = getKeyedStateBackend() instanceof HeapKeyedStateBackend;
    function().opened(this, isHeap);
    batch = function().batch();
    if (batch == null) {
      return;
    }
    timers = getInternalTimerService("user-timers", VoidNamespaceSerializer.INSTANCE, this);
    collected = new Collected(batch.options().size());
    keys = (KeySelector<IN, K>) getStateKeySelector1();
    idle =
        new IdleSignal(
            getContainingTask().getEnvironment().getMetricGroup().getIOMetricGroup(),
            getContainingTask()
                .getMailboxExecutorFactory()
                .createExecutor(getOperatorConfig().getChainIndex()),
            this::flush);
  }

  @SuppressWarnings("unchecked")
  private RnnFunction<K, IN, OUT> function() {
    return (RnnFunction<K, IN, OUT>) userFunction;
  }

  /** The key is set when the token is processed. */
  @Override
  @SuppressWarnings("rawtypes")
  public void setKeyContextElement1(StreamRecord record) throws Exception {
    if (batch == null) {
      super.setKeyContextElement1(record);
    }
  }

  @Override
  public void processElement(StreamRecord<IN> record) throws Exception {
    if (batch == null) {
      super.processElement(record);
      return;
    }
    K key = keys.getKey(record.getValue());
    if (lone == LONE && key.equals(getCurrentKey())) {
      if (!collected.isEmpty()) {
        flush();
        setCurrentKey(key);
      }
      super.processElement(record);
      return;
    }
    // A copy of the record, but not of the element, because a chained operator sends it again.
    collect(key, record.copy(record.getValue()));
  }

  private void collect(K key, Object item) throws Exception {
    if (collected.isEmpty()) {
      idle.set(true);
      if (timer == null) {
        long now = getProcessingTimeService().getCurrentProcessingTime();
        timer =
            getProcessingTimeService()
                .registerTimer(
                    now + batch.options().maxWait().toMillis(), time -> flushAfterWait());
      }
    }
    collected.add(key, item);
    if (collected.isFull() || order.isFull(collected.arrivals())) {
      computeFirsts();
    }
  }

  private void flushAfterWait() throws Exception {
    timer = null;
    flush();
  }

  /** Computes all that is collected. */
  private void flush() throws Exception {
    if (batch != null) {
      while (!collected.isEmpty()) {
        computeFirsts();
      }
      idle.set(false);
    }
  }

  /** Computes the first token or timer of each key. */
  private void computeFirsts() throws Exception {
    int count = collected.keys();
    if (count == 1) {
      Collected.Item item = collected.takeOnly();
      lone = item.key.equals(getCurrentKey()) ? Math.min(lone + 1, LONE) : 1;
      setCurrentKey(item.key);
      order.begin(item.number);
      deliver(item);
      order.finish();
      return;
    }
    lone = 0;
    Collected.Item[] items = collected.takeFirsts();
    batch.begin(items, count);
    for (int i = 0; i < count; i++) {
      order.begin(items[i].number);
      deliver(items[i]);
    }
    batch.compute();
    for (int i = 0; i < count; i++) {
      order.begin(items[i].number);
      if (batch.isPlanned(i)) {
        deliver(items[i]);
      }
      order.finish();
    }
    batch.end();
  }

  /** Passes a token or timer to the function, which plans, commits, or does both. */
  @SuppressWarnings("unchecked")
  private void deliver(Collected.Item item) throws Exception {
    if (item.content instanceof StreamRecord<?> record) {
      super.processElement((StreamRecord<IN>) record);
    } else {
      super.onEventTime((InternalTimer<K, VoidNamespace>) item.content);
    }
  }

  @Override
  public void onEventTime(InternalTimer<K, VoidNamespace> timer) throws Exception {
    if (batch == null) {
      super.onEventTime(timer);
      return;
    }
    if (timer.getTimestamp() != moment && !collected.isEmpty()) {
      // Those of another moment may set timers that come before this one.
      flush();
      setCurrentKey(timer.getKey());
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, timer.getTimestamp());
      return;
    }
    moment = timer.getTimestamp();
    collect(timer.getKey(), timer);
  }

  @Override
  public void onProcessingTime(InternalTimer<K, VoidNamespace> timer) throws Exception {
    flush();
    setCurrentKey(timer.getKey());
    super.onProcessingTime(timer);
  }

  @Override
  public void processWatermark(Watermark watermark) throws Exception {
    if (batch == null) {
      super.processWatermark(watermark);
      return;
    }
    flush();
    InternalTimeServiceManager<?> all = getTimeServiceManager().orElseThrow();
    all.advanceWatermark(watermark);
    while (!collected.isEmpty()) {
      flush();
      all.advanceWatermark(watermark); // for timers that were set
    }
    output.emitWatermark(watermark);
  }

  /** After an idle input, later operators no longer wait for its watermark. */
  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    flush();
    super.processWatermarkStatus(status);
  }

  /** Watermarks that a program defines. */
  @Override
  public void processWatermark(WatermarkEvent watermark) throws Exception {
    flush();
    super.processWatermark(watermark);
  }

  @Override
  public void processRecordAttributes(RecordAttributes attributes) throws Exception {
    flush();
    super.processRecordAttributes(attributes);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    flush();
    function().writeStates();
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  @Override
  public void finish() throws Exception {
    flush();
    function().writeStates();
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (idle != null) {
      idle.close();
    }
    super.close();
  }
}
