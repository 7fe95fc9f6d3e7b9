package io.github.flinkrnn.operator;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a recurrent model on a keyed stream. The input is tokens keyed by {@link Token#key} ({@link
 * #of}), or elements of any class with any key ({@link #builder}); each element becomes one token.
 * Each token is one step: the function reads a&lt;t-1&gt; from the managed state of the key, writes
 * a&lt;t&gt; back, and emits y&lt;t&gt;. With a bidirectional model, y&lt;t&gt; waits for later
 * tokens ({@link io.github.flinkrnn.rules.LookAhead}), and the state also holds the tokens that
 * wait. A rejected token goes to {@link #REJECTED} and does not change its sequence. {@link
 * SequenceOptions} set the order in which tokens are taken and what ends a sequence. {@link
 * OutputOptions} set what is emitted.
 *
 * <p><b>Lifetime of state.</b> Each key has one state value: 4 bytes per float plus about 21 bytes.
 * With a window, it holds the tokens of the window instead of the floats. It is removed
 *
 * <ul>
 *   <li>after the prediction of a token that has {@code end}, that is the end token, or that brings
 *       the sequence to its maximum length;
 *   <li>before the step of a token that has {@code start} or is the start token: a new sequence
 *       begins at t = 1;
 *   <li>when no token arrives within the idle timeout. Each key has one timer for this. The timer
 *       is set to a multiple of a sixteenth of the timeout, so a busy key moves it about sixteen
 *       times per timeout, and the state of an idle key lives up to a sixteenth longer than the
 *       timeout. In event time, only the event times of the tokens decide which tokens belong to a
 *       sequence; it does not matter when the timer fires. In processing time, time during which
 *       the job is down counts as idle time. Flink's state TTL is not used, because it would cost 8
 *       bytes per key, could not report the end of a sequence, and would leave expired state on the
 *       heap for an unknown time;
 *   <li>when the next token arrives and the state was made by a model with another {@link
 *       RnnModel#fingerprint}: the sequence starts over, and {@code sequencesOfAnotherModel} counts
 *       it;
 *   <li>before the step of a token that follows a gap, with {@link
 *       io.github.flinkrnn.rules.OnGap#RESTART};
 *   <li>when a {@linkplain Token#tombstone() tombstone} of the key arrives, with everything else
 *       that is kept of the key;
 *   <li>at the end of the stream, if only the last step is emitted ({@link
 *       io.github.flinkrnn.rules.Emit.When#LAST}), or if predictions wait for later tokens.
 * </ul>
 *
 * <p>With an order other than arrival order, or with deduplication, this value also contains a
 * {@link io.github.flinkrnn.rules.Position}. Tokens that wait are kept in other states of the key.
 * {@link io.github.flinkrnn.rules.TokenOrder} says when both are removed. With {@link
 * io.github.flinkrnn.rules.Emit.When#LAST}, the value contains the latest prediction until the
 * sequence ends.
 *
 * <p>Without an idle timeout, a sequence that no token ends is kept forever. A job that resumes
 * with a different timeout applies it to a key from the next token of that key on. If a key had no
 * timeout and receives no more tokens, its state is kept.
 *
 * @param <K> the type of the key of the stream
 * @param <IN> the type of the input elements
 * @param <OUT> the type of the output elements
 * @serial exclude
 */
@PublicEvolving
public final class RnnFunction<K, IN, OUT> extends KeyedProcessFunction<K, IN, OUT>
    implements CheckpointedFunction, ResultTypeQueryable<OUT> {
  /**
   * The side output for rejected tokens, each with its {@link io.github.flinkrnn.sequence.Reason}.
   * {@link OnRejected} says what else happens to them.
   */
  public static final OutputTag<RejectedRecord> REJECTED =
      new OutputTag<RejectedRecord>("rejected") {};

  /** The side output for the ends of sequences, if {@link OutputOptions#ends} asks for them. */
  public static final OutputTag<SequenceEnd> ENDED = new OutputTag<SequenceEnd>("ended") {};

  /** The size of the cache of states for each subtask. */
  public static final MemorySize DEFAULT_STATE_CACHE = MemorySize.ofMebiBytes(64);

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RnnFunction.class);

  private final ModelLocation location;
  private final Elements<IN, OUT> elements;
  private final FunctionOptions options;

  private transient RnnModel model;
  private transient ModelSession session;
  private transient Sequences sequences;
  private transient KeyContext<K, IN, OUT> key;
  private transient DuplicateCount duplicates; // null without deduplication
  private transient boolean restored;
  private transient Batch batch; // null for one token at a time

  RnnFunction(ModelLocation location, Elements<IN, OUT> elements, FunctionOptions options) {
    this.location = location;
    this.elements = elements;
    this.options = options;
  }

  /**
   * A function from tokens to predictions, with the default options: its predictions have the
   * fields {@code token}, {@code label} and {@code prediction}, and it has no idle timeout.
   *
   * @param modelUri the model directory, which every TaskManager must be able to read
   * @return the function
   */
  public static RnnFunction<String, Token, Prediction> of(String modelUri) {
    return new RnnFunction<>(
        new ModelLocation(modelUri), new Elements.Tokens(), FunctionOptions.DEFAULT);
  }

  /**
   * A builder for a function on elements of any class.
   *
   * @param <IN> the class of the elements
   * @param modelUri the model directory, which every TaskManager must be able to read
   * @param type the class of the elements
   * @return the builder
   */
  public static <IN> RnnFunctionBuilder<IN, Prediction> builder(String modelUri, Class<IN> type) {
    return builder(modelUri, TypeInformation.of(type));
  }

  /**
   * A builder for elements of a class with type parameters.
   *
   * @param <IN> the class of the elements
   * @param modelUri the model directory, which every TaskManager must be able to read
   * @param type the type of the elements
   * @return the builder
   */
  public static <IN> RnnFunctionBuilder<IN, Prediction> builder(
      String modelUri, TypeInformation<IN> type) {
    return new RnnFunctionBuilder<>(
        modelUri, type, TypeInformation.of(Prediction.class), (element, prediction) -> prediction);
  }

  /**
   * A copy of this function whose predictions have these fields, besides key and t.
   *
   * @param chosen the fields
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> withFields(Collection<OutputField> chosen) {
    return with(options.output().withFields(chosen));
  }

  /**
   * A copy of this function whose predictions have these fields, besides key and t.
   *
   * @param chosen the fields
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> withFields(OutputField... chosen) {
    return withFields(List.of(chosen));
  }

  /**
   * A copy of this function that drops the state of keys that are idle for the timeout, in
   * processing time.
   *
   * @param timeout zero for no timeout, or 1 ms to 100 years
   * @return the copy
   * @throws OptionException if the timeout is outside this range
   */
  public RnnFunction<K, IN, OUT> withIdleTimeout(Duration timeout) {
    return with(options.sequence().withIdleTimeout(timeout, false));
  }

  /**
   * A copy of this function with other sequence options. {@link
   * io.github.flinkrnn.rules.OrderOptions.By#TIMESTAMP} and an idle timeout in event time use
   * {@link Token#timestamp}, and the stream must have watermarks for these timestamps.
   *
   * @param chosen the sequence options
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> with(SequenceOptions chosen) {
    return with(options.with(chosen));
  }

  /**
   * A copy of this function with other output options.
   *
   * @param chosen the output options
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> with(OutputOptions chosen) {
    return with(options.with(chosen));
  }

  /**
   * A copy of this function with another rule for rejected tokens. The default is {@link
   * OnRejected#LOG}.
   *
   * @param rule the rule
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> with(OnRejected rule) {
    return with(options.with(rule));
  }

  /**
   * A copy of this function with other batches. They apply to {@link #applyTo}.
   *
   * @param chosen how many steps are computed together
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> with(BatchOptions chosen) {
    return with(options.with(chosen));
  }

  /**
   * A copy of this function with another cache of states, above a state backend that serializes
   * them, such as RocksDB. It keeps the states of recently used keys as objects, and applies to
   * {@link #applyTo}. On the heap backend there is none.
   *
   * @param size the size in bytes for each subtask; zero for no cache. The default is {@link
   *     #DEFAULT_STATE_CACHE}
   * @return the copy
   */
  public RnnFunction<K, IN, OUT> withStateCache(MemorySize size) {
    return with(options.withCache(size.getBytes()));
  }

  private RnnFunction<K, IN, OUT> with(FunctionOptions other) {
    return new RnnFunction<>(location, elements, other);
  }

  /**
   * Adds this function to a keyed stream. Steps of several keys are computed together ({@link
   * BatchOptions}). This is faster than {@code keyed.process(function)}, which processes one token
   * at a time, and gives the same predictions in the same order. State and timers are the same, so
   * a savepoint fits both.
   *
   * <p>A step graph, and a job in batch execution mode, process one token at a time.
   *
   * @param keyed the stream. Its elements must not be changed after they are sent, even if objects
   *     are reused
   * @return the predictions
   */
  public SingleOutputStreamOperator<OUT> applyTo(KeyedStream<IN, K> keyed) {
    return options.batch().size() == 1 && options.cacheBytes() == 0
        ? keyed.process(this)
        : keyed.transform("rnn", elements.outputType(), new BatchingOperator<>(this));
  }

  /**
   * Reads the model on the machine that builds the job, and checks that it supports the options.
   * Without this call, the same check is made when the job starts; if it fails, the job fails
   * without a restart.
   *
   * @return this function
   * @throws InvalidFileException if there is no such model, or one of its files is invalid
   * @throws OptionException if the model does not support an option
   * @throws IOException if a file cannot be read
   */
  public RnnFunction<K, IN, OUT> check() throws IOException {
    try (RnnModel read = RnnModel.load(location.files())) {
      ModelFit.check(read, options.sequence(), options.output());
      elements.check(read);
    }
    return this;
  }

  /**
   * The descriptor of the state of a key. Use it with the Flink State Processor API to read and
   * write the states in a savepoint.
   *
   * @return the descriptor
   */
  public static ValueStateDescriptor<SequenceState> stateDescriptor() {
    return new ValueStateDescriptor<>("sequence", new SequenceStateSerializer());
  }

  /**
   * The size in bytes of the serialized state of a key, with an idle timeout and t below two
   * million.
   *
   * @param floats the number of floats, {@link RnnModel#stateSize}
   * @return the number of bytes
   */
  public static int stateBytes(int floats) {
    return SequenceStateSerializer.bytes(floats);
  }

  /**
   * Whether {@link #withIdleTimeout} accepts the timeout: zero, or 1 ms to 100 years.
   *
   * @param timeout the timeout
   * @return whether it is accepted
   */
  public static boolean isIdleTimeout(Duration timeout) {
    return SequenceOptions.isTimeout(timeout);
  }

  @Override
  public TypeInformation<OUT> getProducedType() {
    return elements.outputType();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    restored = context.isRestored();
    duplicates =
        options.sequence().order().deduplicate()
            ? new DuplicateCount(context.getOperatorStateStore())
            : null;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (duplicates != null) {
      duplicates.snapshot();
    }
  }

  /**
   * @throws SuppressRestartsException with an {@link InvalidFileException} or an {@link
   *     OptionException} as its cause, at the first start of a job: a restart would fail in the
   *     same way
   */
  @Override
  public void open(OpenContext context) throws Exception {
    try {
      openOnce();
    } catch (InvalidFileException | OptionException e) {
      throw SharedModel.failure(e, getRuntimeContext(), restored);
    }
  }

  private void openOnce() throws Exception {
    model = SharedModel.acquire(location);
    LogContext.set(getRuntimeContext(), model);
    LOG.info(
        "Job {}, subtask {}: steps of model {}@{}, by {}",
        getRuntimeContext().getJobInfo().getJobName(),
        getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
        model.name(),
        model.version(),
        model.kernel());
    ModelFit.check(model, options.sequence(), options.output());
    elements.check(model);
    SequenceMetrics metrics =
        new SequenceMetrics(
            getRuntimeContext().getMetricGroup(),
            model.kernel(),
            model.input() instanceof ModelInput.Fields fields ? fields.names() : List.of());
    if (duplicates != null) {
      getRuntimeContext().addAccumulator(JobCounts.DUPLICATES, duplicates.accumulator());
    }
    elements.open(getRuntimeContext(), keepsTokens());
    key =
        new KeyContext<>(
            getRuntimeContext(),
            elements,
            options.sequence().order(),
            options.output().ends(),
            options.onRejected(),
            metrics,
            duplicates);
    session = new ModelSession(model, options.sequence(), options.output());
    sequences = new Sequences(options.sequence(), options.output(), session, key, key, key, key);
  }

  /** Whether a token may be used after the call that received it. */
  private boolean keepsTokens() {
    return options.sequence().order().by() != By.ARRIVAL
        || options.sequence().lookAhead() != null
        || options.output().emit().when() == Emit.When.LAST;
  }

  @Override
  public void close() {
    if (key != null) {
      key.close();
      key = null;
    }
    if (session != null) {
      session.close(); // before the model that it uses
      session = null;
    }
    if (model != null) {
      LogContext.clear();
      model = null;
      SharedModel.release(location);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public void processElement(IN element, Context context, Collector<OUT> out) throws Exception {
    Sequences.Visit computed = batch == null ? null : batch.computed();
    if (computed != null) {
      Token token = computed.arrived();
      key.begin(context, out, element, token);
      sequences.commit(computed, token.key());
      return;
    }
    boolean isPlanning = batch != null && batch.isPlanning();
    K of = isPlanning ? (K) batch.key() : context.getCurrentKey();
    Token token = elements.token(of, element, context.timestamp());
    key.begin(context, out, element, token);
    if (isPlanning) {
      batch.add(sequences.plan(token, batch.room()));
    } else {
      sequences.process(token);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<OUT> out) throws Exception {
    key.begin(context, out, null, null);
    boolean inEventTime = context.timeDomain() == TimeDomain.EVENT_TIME;
    String name = context.getCurrentKey().toString();
    Sequences.Visit computed = batch == null ? null : batch.computed();
    if (computed != null) {
      sequences.commit(computed, name);
    } else if (batch != null && batch.isPlanning()) {
      batch.add(sequences.planTimer(name, inEventTime, timestamp, batch.room()));
    } else {
      sequences.onTimer(name, inEventTime, timestamp);
    }
  }

  BatchOptions batching() {
    return options.batch();
  }

  /**
   * Prepares for {@link BatchingOperator}: computes steps of several keys together when it says so,
   * and caches states.
   *
   * @param operator sets and tells the current key
   * @param isHeap whether the states are objects on the heap. Then one that was read need not be
   *     written after a change, because the store holds that object, and there is nothing to cache
   */
  void opened(BatchingOperator<K, IN, OUT> operator, boolean isHeap) {
    if (!isHeap && options.cacheBytes() > 0) {
      key.caches(
          options.cacheBytes(),
          operator::setCurrentKey,
          operator::getCurrentKey,
          operator.getKeyedStateBackend().getKeySerializer());
    }
    BatchOptions batching = options.batch();
    if (batching.size() == 1 || !session.stepsSeveral()) {
      return;
    }
    Step.Room[] rooms = new Step.Room[batching.size()];
    for (int i = 0; i < rooms.length; i++) {
      rooms[i] = session.newRoom(true);
    }
    batch = new Batch(batching, sequences, rooms, operator::setCurrentKey, key);
    key.computesIn(batch, isHeap);
  }

  /** The batch; null if steps are computed one at a time. */
  Batch batch() {
    return batch;
  }

  /** The cache of states; null if there is none. */
  StateCache cache() {
    return key.cache();
  }

  /** Writes the states that are only in the cache. */
  void writeStates() throws Exception {
    if (key != null) { // else it was closed
      key.writeStates();
    }
  }
}
