package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.metrics.TimerGauge;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.InstantiationUtil;

/**
 * One subtask of the recurrence in Flink's operator harness. It is built by hand, because {@code
 * ProcessFunctionTestHarnesses} fixes the maximum parallelism at 1, and such a snapshot cannot be
 * restored at any other.
 */
final class RnnHarness implements AutoCloseable {
  static final int MAX_PARALLELISM = 128;

  final KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink;
  private final RnnFunction<String, Token, Prediction> function;
  private final MockEnvironment environment;
  private final RecordedMetrics metrics = new RecordedMetrics();
  // Flink's own methods copy all output so far, which is quadratic in a test that reads it at each
  // token.
  private final List<Object> output = new ArrayList<>();
  private final List<Prediction> predictions = new ArrayList<>();
  private final List<RejectedRecord> rejections = new ArrayList<>();
  private long checkpoint;

  private static final List<MapStateDescriptor<?, ?>> WAITING =
      List.of(WaitingByNumber.TOKENS, WaitingByTime.TOKENS, WaitingByTime.MORE);

  private RnnHarness(
      RnnFunction<String, Token, Prediction> recurrence, int parallelism, int subtask)
      throws Exception {
    this(recurrence, parallelism, subtask, true);
  }

  private RnnHarness(
      RnnFunction<String, Token, Prediction> recurrence,
      int parallelism,
      int subtask,
      boolean batches)
      throws Exception {
    function = InstantiationUtil.clone(recurrence); // each subtask has its own copy, as in a job
    environment =
        HarnessEnvironment.builder()
            .setMaxParallelism(MAX_PARALLELISM)
            .setParallelism(parallelism)
            .setSubtaskIndex(subtask)
            .setMetricGroup(metrics.task())
            .build();
    flink =
        new KeyedOneInputStreamOperatorTestHarness<>(
            batches ? new BatchingOperator<>(function) : new KeyedProcessOperator<>(function),
            Token::key,
            Types.STRING,
            environment);
  }

  static RnnHarness open(RnnFunction<String, Token, Prediction> recurrence) throws Exception {
    return restore(recurrence, null, 0);
  }

  /** The only subtask, with its state in RocksDB. */
  static RnnHarness onRocksDb(RnnFunction<String, Token, Prediction> recurrence) throws Exception {
    RnnHarness harness = new RnnHarness(recurrence, 1, 0);
    harness.flink.setStateBackend(new EmbeddedRocksDBStateBackend());
    harness.flink.open();
    return harness;
  }

  /**
   * The only subtask in Flink's own operator, as {@code keyed.process} makes it.
   *
   * @param snapshot of either operator; null for none
   */
  static RnnHarness restorePlain(
      RnnFunction<String, Token, Prediction> recurrence, OperatorSubtaskState snapshot, long now)
      throws Exception {
    return opened(new RnnHarness(recurrence, 1, 0, false), snapshot, now);
  }

  /** Another state of a key, beside those of the operator. */
  <S extends State> S state(String key, StateDescriptor<S, ?> descriptor) throws Exception {
    flink.getOperator().setCurrentKey(key);
    return flink
        .getOperator()
        .getKeyedStateBackend()
        .getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
  }

  /** The only subtask, restored at this processing time. Due timers have not fired yet. */
  static RnnHarness restore(
      RnnFunction<String, Token, Prediction> recurrence, OperatorSubtaskState snapshot, long now)
      throws Exception {
    return restore(recurrence, snapshot, now, 1, 0);
  }

  /**
   * @param snapshot the snapshot of this subtask, already repartitioned; null for none
   */
  static RnnHarness restore(
      RnnFunction<String, Token, Prediction> recurrence,
      OperatorSubtaskState snapshot,
      long now,
      int parallelism,
      int subtask)
      throws Exception {
    return restore(recurrence, snapshot, now, parallelism, subtask, false);
  }

  /** The same with the state in RocksDB or on the heap. */
  static RnnHarness restore(
      RnnFunction<String, Token, Prediction> recurrence,
      OperatorSubtaskState snapshot,
      long now,
      int parallelism,
      int subtask,
      boolean rocksDb)
      throws Exception {
    RnnHarness harness = new RnnHarness(recurrence, parallelism, subtask);
    if (rocksDb) {
      harness.flink.setStateBackend(new EmbeddedRocksDBStateBackend());
    }
    return opened(harness, snapshot, now);
  }

  private static RnnHarness opened(RnnHarness harness, OperatorSubtaskState snapshot, long now)
      throws Exception {
    harness.flink.setProcessingTime(now);
    harness.flink.setup();
    try {
      if (snapshot != null) {
        harness.flink.initializeState(snapshot);
      }
      harness.flink.open();
      return harness;
    } catch (Exception e) {
      harness.function.close(); // as a task does
      throw e;
    }
  }

  /** The subtask of a key, at this parallelism. */
  static int subtask(String key, int parallelism) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(key, MAX_PARALLELISM, parallelism);
  }

  /** The keys that have entries in a state. */
  List<String> keys(String state) {
    StateCache cache = function.cache();
    boolean isCached = cache != null && state.equals(RnnFunction.stateDescriptor().getName());
    Stream<String> all =
        isCached
            ? Stream.concat(stored(state).stream(), cache.keys().stream().map(Object::toString))
            : stored(state).stream();
    return all.distinct().toList();
  }

  /** The same, without keys that are only in the cache. */
  List<String> stored(String state) {
    try (Stream<Object> keys =
        flink.getOperator().getKeyedStateBackend().getKeys(state, VoidNamespace.INSTANCE)) {
      return keys.map(Object::toString).distinct().toList();
    }
  }

  /** The part of the snapshot of all subtasks that one of the new subtasks restores. */
  static OperatorSubtaskState part(OperatorSubtaskState all, int from, int to, int subtask) {
    // Flink counts subtasks by their operator state, which some of them may not have.
    int parts = all.getManagedOperatorState().size();
    return AbstractStreamOperatorTestHarness.repartitionOperatorState(
        all, MAX_PARALLELISM, parts == 0 ? from : parts, to, subtask);
  }

  /**
   * The synchronous part of a checkpoint, before the barrier is forwarded. {@link #end} is the
   * rest.
   */
  OperatorSnapshotFutures beginSnapshot() throws Exception {
    return flink
        .getOperator()
        .snapshotState(
            ++checkpoint,
            0,
            CheckpointOptions.forCheckpointWithDefaultLocation(),
            new MemCheckpointStreamFactory(1 << 20));
  }

  /** The asynchronous part of a checkpoint, which is written while tokens are processed. */
  static OperatorSubtaskState end(OperatorSnapshotFutures begun) throws Exception {
    return OperatorSnapshotFinalizer.create(begun).getJobManagerOwnedState();
  }

  /** A token comes, and others are ready. */
  void arrive(Token token) throws Exception {
    flink.processElement(token, 0);
  }

  /** The task has no more input ready. */
  void idle() throws Exception {
    TimerGauge gauge = environment.getMetricGroup().getIOMetricGroup().getIdleTimeMsPerSecond();
    gauge.markStart();
    while (flink.getTaskMailbox().hasMail()) {
      flink.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();
    }
    gauge.markEnd();
  }

  /** The output for the token: a prediction, or nothing if it is rejected. */
  List<Prediction> process(Token token) throws Exception {
    int before = taken().size();
    arrive(token);
    idle();
    return List.copyOf(taken().subList(before, predictions.size()));
  }

  /** The only step of the token. */
  StepBits step(Token token) throws Exception {
    List<Prediction> predictions = process(token);
    if (predictions.size() != 1) {
      throw new AssertionError(predictions.size() + " predictions for " + token);
    }
    return StepBits.of(predictions.get(0));
  }

  /** The t of the only step of the token. */
  long t(Token token) throws Exception {
    return step(token).t();
  }

  List<StepBits> steps(List<Token> tokens) throws Exception {
    List<StepBits> steps = new ArrayList<>();
    for (Token token : tokens) {
      steps.add(step(token));
    }
    return steps;
  }

  /** The ends of sequences so far, each as {@code key t reason}. */
  List<String> ended() {
    List<String> ends = new ArrayList<>();
    var side = flink.getSideOutput(RnnFunction.ENDED);
    if (side != null) {
      side.forEach(
          record -> {
            SequenceEnd end = record.getValue();
            ends.add(end.key() + " " + end.t() + " " + end.why());
          });
    }
    return ends;
  }

  /** The ends of sequences so far. */
  List<SequenceEnd> sequenceEnds() {
    List<SequenceEnd> ends = new ArrayList<>();
    var side = flink.getSideOutput(RnnFunction.ENDED);
    if (side != null) {
      side.forEach(record -> ends.add(record.getValue()));
    }
    return ends;
  }

  /** Ends a bounded stream: its last watermark is the largest. */
  void endOfInput() throws Exception {
    flink.processWatermark(Long.MAX_VALUE);
  }

  List<RejectedRecord> rejected() {
    Queue<StreamRecord<RejectedRecord>> side = flink.getSideOutput(RnnFunction.REJECTED);
    while (side != null && !side.isEmpty()) {
      rejections.add(side.remove().getValue());
    }
    return List.copyOf(rejections);
  }

  void time(long now) throws Exception {
    flink.setProcessingTime(now);
  }

  /** The output after event time has advanced to this time. */
  List<Prediction> watermark(long time) throws Exception {
    int before = taken().size();
    flink.processWatermark(time);
    return List.copyOf(taken().subList(before, predictions.size()));
  }

  /** The output so far. */
  List<Prediction> all() {
    return List.copyOf(taken());
  }

  /** The records of predictions so far, watermarks, and other events between records. */
  List<Object> output() {
    taken();
    return List.copyOf(output);
  }

  /** The records of predictions so far. */
  List<StreamRecord<Prediction>> records() {
    return output().stream()
        .filter(StreamRecord.class::isInstance)
        .map(each -> ((StreamElement) each).<Prediction>asRecord())
        .toList();
  }

  /** Takes what is new from Flink's output. */
  private List<Prediction> taken() {
    Queue<Object> all = flink.getOutput();
    for (Object each = all.poll(); each != null; each = all.poll()) {
      output.add(each);
      if (each instanceof StreamRecord<?> element) {
        predictions.add((Prediction) element.getValue());
      }
    }
    return predictions;
  }

  int entries() {
    return flink.numKeyedStateEntries();
  }

  /** How many tokens of the key "k" wait, in either order. */
  int waiting() throws Exception {
    return waiting("k");
  }

  /** How many tokens of a key wait, in either order. */
  int waiting(String key) throws Exception {
    int tokens = 0;
    for (MapStateDescriptor<?, ?> order : WAITING) {
      MapState<?, ?> waiting = state(key, order);
      for (Object value : waiting.values()) {
        tokens += value instanceof List<?> list ? list.size() : 1;
      }
    }
    return tokens;
  }

  int timers() {
    return flink.numProcessingTimeTimers();
  }

  int eventTimers() {
    return flink.numEventTimeTimers();
  }

  /** The function instance of this subtask. */
  RnnFunction<String, Token, Prediction> function() {
    return function;
  }

  RecordedMetrics metrics() {
    return metrics;
  }

  /** What happens before a barrier. The harness's own snapshots leave it out. */
  void barrier() throws Exception {
    flink.prepareSnapshotPreBarrier(checkpoint + 1);
  }

  /** A snapshot as a task takes it. */
  OperatorSubtaskState snapshot() throws Exception {
    barrier();
    return snapshotAfterBarrier(false);
  }

  /** A savepoint in the canonical format, which every backend can read. */
  OperatorSubtaskState savepoint() throws Exception {
    barrier();
    return snapshotAfterBarrier(true);
  }

  OperatorSubtaskState snapshotAfterBarrier(boolean canonical) throws Exception {
    checkpoint++;
    return canonical
        ? flink
            .snapshotWithLocalState(
                checkpoint, 0, SavepointType.savepoint(SavepointFormatType.CANONICAL))
            .getJobManagerOwnedState()
        : flink.snapshot(checkpoint, 0);
  }

  @Override
  public void close() throws IOException {
    try (environment) {
      idle(); // Flink's harness stops the timers before it finishes the operator
      flink.close();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
