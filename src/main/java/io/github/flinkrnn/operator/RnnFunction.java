package io.github.flinkrnn.operator;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.RnnModel;
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
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recurrence as an operator: on tokens keyed by {@link Token#key} ({@link #of}), or on elements
 * of any class with any key ({@link #builder}), each of which is one token. A token is one step:
 * a&lt;t-1&gt; comes from the key's managed state, a&lt;t&gt; goes back to it, y&lt;t&gt; goes
 * downstream. A token that the model cannot read goes to {@link #REJECTED} and leaves its sequence
 * as it was. {@link SequenceOptions} say in which order tokens are taken and what ends a sequence,
 * {@link OutputOptions} what is emitted.
 *
 * <p><b>When state dies.</b> One entry a key, of 4 bytes a float and about 21 more (for a window,
 * its tokens in place of the floats), dies
 *
 * <ul>
 *   <li>with the token that has {@code end}, that is the end token, or that makes the sequence as
 *       long as it may be, after its prediction;
 *   <li>with the token that has {@code start} or is the start token, before its step: a new
 *       sequence begins at t = 1;
 *   <li>when no token came for the idle timeout. A timer does it, one a key. It is set to a
 *       multiple of a sixteenth of the timeout, so a busy key moves it about sixteen times a
 *       timeout, and a silent key's state lives up to a sixteenth longer than asked (in event time
 *       the tokens' own times decide, exactly, what belongs to a sequence, whenever the timer
 *       fires). (Flink's TTL would cost 8 bytes a key, tell nobody, and leave dead state on the
 *       heap until read.) In processing time the time that the job was down counts as silence;
 *   <li>when the next token finds that a model with another {@link RnnModel#fingerprint} made it:
 *       the sequence starts over, and {@code sequencesOfAnotherModel} counts it;
 *   <li>with a token that follows a gap, where {@link io.github.flinkrnn.rules.OnGap#RESTART} says
 *       so, before its step;
 *   <li>at the end of the stream, where only the last step is emitted ({@link
 *       io.github.flinkrnn.rules.Emit.When#LAST}).
 * </ul>
 *
 * An order other than that of arrival, and dropping duplicates, keep a position in the same entry,
 * and the tokens that wait: {@link io.github.flinkrnn.rules.TokenOrder} says when they die. {@link
 * io.github.flinkrnn.rules.Emit.When#LAST} keeps the latest prediction there, and it dies with the
 * sequence.
 *
 * <p>Without an idle timeout and without {@code end}, a key's state is kept for ever. A job that is
 * given another timeout applies it to a key from the key's next token on; a key that had none and
 * stays silent is kept.
 *
 * @param <K> Flink's key
 * @param <IN> the elements of the input
 * @param <OUT> the elements of the output
 */
@PublicEvolving
public final class RnnFunction<K, IN, OUT> extends KeyedProcessFunction<K, IN, OUT>
    implements CheckpointedFunction, ResultTypeQueryable<OUT> {
  /**
   * Where tokens go that the model cannot read, and those that came too late. What else becomes of
   * them, {@link OnRejected} says.
   */
  public static final OutputTag<RejectedRecord> REJECTED =
      new OutputTag<RejectedRecord>("rejected") {};

  /** Where it is said of each sequence that it ended, if {@link OutputOptions#ends} asks for it. */
  public static final OutputTag<SequenceEnd> ENDED = new OutputTag<SequenceEnd>("ended") {};

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RnnFunction.class);

  private final ModelLocation location;
  private final Elements<IN, OUT> elements;
  private final SequenceOptions sequence;
  private final OutputOptions output;
  private final OnRejected onRejected;

  private transient RnnModel model;
  private transient ModelSession session;
  private transient Sequences sequences;
  private transient KeyContext<K, IN, OUT> key;
  private transient DuplicateCount duplicates; // null where none are dropped
  private transient boolean restored;

  RnnFunction(
      ModelLocation location,
      Elements<IN, OUT> elements,
      SequenceOptions sequence,
      OutputOptions output,
      OnRejected onRejected) {
    this.location = location;
    this.elements = elements;
    this.sequence = sequence;
    this.output = output;
    this.onRejected = onRejected;
  }

  /**
   * A function from tokens to predictions of token, label and prediction, which keeps the state of
   * a silent key forever.
   *
   * @param modelUri the model directory; every TaskManager reads it there
   */
  public static RnnFunction<String, Token, Prediction> of(String modelUri) {
    return new RnnFunction<>(
        new ModelLocation(modelUri),
        new Elements.Tokens(),
        SequenceOptions.DEFAULT,
        OutputOptions.DEFAULT,
        OnRejected.LOG);
  }

  /**
   * A builder of a function on elements of any class.
   *
   * @param modelUri the model directory; every TaskManager reads it there
   * @param type the class of the elements
   */
  public static <IN> RnnFunctionBuilder<IN, Prediction> builder(String modelUri, Class<IN> type) {
    return builder(modelUri, TypeInformation.of(type));
  }

  /** The same for a class with type parameters. */
  public static <IN> RnnFunctionBuilder<IN, Prediction> builder(
      String modelUri, TypeInformation<IN> type) {
    return new RnnFunctionBuilder<>(
        modelUri, type, TypeInformation.of(Prediction.class), (element, prediction) -> prediction);
  }

  /** The same function with these fields in its predictions, besides key and t. */
  public RnnFunction<K, IN, OUT> withFields(Collection<OutputField> chosen) {
    return with(output.withFields(chosen));
  }

  /** The same function with these fields in its predictions, besides key and t. */
  public RnnFunction<K, IN, OUT> withFields(OutputField... chosen) {
    return withFields(List.of(chosen));
  }

  /**
   * The same function, dropping the state of keys that are silent for so long in processing time.
   *
   * @param timeout zero for never, else from a millisecond to a hundred years
   * @throws OptionException for any other
   */
  public RnnFunction<K, IN, OUT> withIdleTimeout(Duration timeout) {
    return with(sequence.withIdleTimeout(timeout, false));
  }

  /**
   * The same function with other sequences. An order by {@link
   * io.github.flinkrnn.rules.OrderOptions.By#TIMESTAMP}, and an idle timeout in event time, go by
   * {@link Token#timestamp} and want watermarks of it on the stream.
   */
  public RnnFunction<K, IN, OUT> with(SequenceOptions options) {
    return new RnnFunction<>(location, elements, options, output, onRejected);
  }

  /** The same function with another output. */
  public RnnFunction<K, IN, OUT> with(OutputOptions options) {
    return new RnnFunction<>(location, elements, sequence, options, onRejected);
  }

  /** The same function, doing this with tokens that it rejects; {@link OnRejected#LOG} at first. */
  public RnnFunction<K, IN, OUT> with(OnRejected rule) {
    return new RnnFunction<>(location, elements, sequence, output, rule);
  }

  /**
   * Reads the model, from the machine that builds the job, and looks whether it can serve the
   * options. Without this the same is found when the job starts, which it then ends for good.
   *
   * @return this function
   * @throws InvalidFileException when there is no such model, or one of its files is invalid
   * @throws OptionException when the model cannot serve an option
   * @throws IOException when a file cannot be read
   */
  public RnnFunction<K, IN, OUT> check() throws IOException {
    try (RnnModel read = RnnModel.load(location.files())) {
      ModelFit.check(read, sequence, output);
    }
    return this;
  }

  /**
   * The state of a key, for Flink's State Processor API: with it, a savepoint's states can be read
   * and written.
   */
  public static ValueStateDescriptor<SequenceState> stateDescriptor() {
    return new ValueStateDescriptor<>("sequence", new SequenceStateSerializer());
  }

  /** Bytes of a key's serialized state with an idle timeout, while t is below two million. */
  public static int stateBytes(int floats) {
    return SequenceStateSerializer.bytes(floats);
  }

  /** Whether {@link #withIdleTimeout} takes it: zero, or from a millisecond to a hundred years. */
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
        sequence.order().deduplicate() ? new DuplicateCount(context.getOperatorStateStore()) : null;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (duplicates != null) {
      duplicates.snapshot();
    }
  }

  /**
   * @throws SuppressRestartsException around an {@link InvalidFileException} or an {@link
   *     OptionException} at a job's first start: a restart would find the same
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
    ModelFit.check(model, sequence, output);
    SequenceMetrics metrics =
        new SequenceMetrics(getRuntimeContext().getMetricGroup(), model.kernel());
    if (duplicates != null) {
      getRuntimeContext().addAccumulator(JobCounts.DUPLICATES, duplicates.accumulator());
    }
    elements.open(getRuntimeContext(), keepsTokens());
    key =
        new KeyContext<>(
            getRuntimeContext(),
            elements,
            sequence.order(),
            output.ends(),
            onRejected,
            metrics,
            duplicates);
    session = new ModelSession(model, sequence, output);
    sequences = new Sequences(sequence, output, session, key, key, key, key);
  }

  /** Whether a token may be used after the call that brought it. */
  private boolean keepsTokens() {
    return sequence.order().by() != By.ARRIVAL || output.emit().when() == Emit.When.LAST;
  }

  @Override
  public void close() {
    if (key != null) {
      key.close();
      key = null;
    }
    if (session != null) {
      session.close(); // before its model
      session = null;
    }
    if (model != null) {
      LogContext.clear();
      model = null;
      SharedModel.release(location);
    }
  }

  @Override
  public void processElement(IN element, Context context, Collector<OUT> out) throws Exception {
    Token token = elements.token(context.getCurrentKey(), element, context.timestamp());
    key.begin(context, out, element, token);
    sequences.process(token);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<OUT> out) throws Exception {
    key.begin(context, out, null, null);
    boolean inEventTime = context.timeDomain() == TimeDomain.EVENT_TIME;
    sequences.onTimer(context.getCurrentKey().toString(), inEventTime, timestamp);
  }
}
