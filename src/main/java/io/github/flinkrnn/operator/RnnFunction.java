package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.TokenEncoder;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recurrence as an operator, on tokens keyed by {@link Token#key}. Each token is one step:
 * a&lt;t-1&gt; comes from the key's managed state, a&lt;t&gt; goes back to it, y&lt;t&gt; goes
 * downstream. A token that the model cannot read goes to {@link #REJECTED} and leaves its sequence
 * as it was.
 *
 * <p><b>When state dies.</b> One entry a key, of 4 bytes a float and about 19 more, dies
 *
 * <ul>
 *   <li>with the token that has {@code end}, after its prediction;
 *   <li>with the token that has {@code start}, before its step: a new sequence begins at t = 1;
 *   <li>when no token came for the idle timeout, in processing time. A timer does it, one a key. It
 *       is set to a multiple of a sixteenth of the timeout, so a busy key moves it about sixteen
 *       times a timeout, and a silent key's state lives up to a sixteenth longer than asked.
 *       (Flink's TTL would cost 8 bytes a key, tell nobody, and leave dead state on the heap until
 *       read.) After a restart the time that the job was down counts as silence;
 *   <li>when the next token finds that a model with another {@link RnnModel#fingerprint} made it:
 *       the sequence starts over, and {@code sequencesOfAnotherModel} counts it.
 * </ul>
 *
 * Without an idle timeout and without {@code end}, a key's state is kept for ever. A job that is
 * given another timeout applies it to a key from the key's next token on; a key that had none and
 * stays silent is kept.
 */
public final class RnnFunction extends KeyedProcessFunction<String, Token, Prediction> {
  /** Where tokens go that the model cannot read. */
  public static final OutputTag<RejectedRecord> REJECTED =
      new OutputTag<RejectedRecord>("rejected") {};

  /** What a prediction says, besides key and t, where nobody chose. */
  public static final List<OutputField> DEFAULT_FIELDS =
      List.of(OutputField.TOKEN, OutputField.LABEL, OutputField.PREDICTION);

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RnnFunction.class);
  private static final List<OutputField> OF_THE_HEAD =
      List.of(OutputField.LABEL, OutputField.PREDICTION, OutputField.LOGITS);

  private final ModelLocation location;
  private final EnumSet<OutputField> fields;
  private final IdleTimeout idleTimeout;

  private transient RnnModel model;
  private transient RnnStepper stepper;
  private transient Kernel kernel;
  private transient float[] initial;
  private transient boolean hasHead; // whether a field of the prediction needs it
  private transient float[] logits; // of the step just taken; zeros without a head
  private transient String modelName;
  private transient ValueState<HiddenState> hidden;
  private transient SequenceMetrics metrics;
  private transient RejectedMetric rejected;
  private transient LongCounter predictions;

  private RnnFunction(
      ModelLocation location, EnumSet<OutputField> fields, IdleTimeout idleTimeout) {
    this.location = location;
    this.fields = fields;
    this.idleTimeout = idleTimeout;
  }

  /**
   * Predicts token, label and prediction, and keeps the state of a silent key for ever.
   *
   * @param modelUri the model directory; every TaskManager reads it there
   */
  public static RnnFunction of(String modelUri) {
    return new RnnFunction(
        new ModelLocation(modelUri), EnumSet.copyOf(DEFAULT_FIELDS), IdleTimeout.NEVER);
  }

  /** The same function with these fields in its predictions, besides key and t. */
  public RnnFunction withFields(Collection<OutputField> chosen) {
    EnumSet<OutputField> set = EnumSet.noneOf(OutputField.class);
    set.addAll(chosen);
    return new RnnFunction(location, set, idleTimeout);
  }

  /** The same function with these fields in its predictions, besides key and t. */
  public RnnFunction withFields(OutputField... chosen) {
    return withFields(List.of(chosen));
  }

  /**
   * The same function, dropping the state of keys that are silent for so long.
   *
   * @param timeout zero for never, else from a millisecond to a hundred years
   * @throws IllegalArgumentException for any other
   */
  public RnnFunction withIdleTimeout(Duration timeout) {
    if (!isIdleTimeout(timeout)) {
      throw new IllegalArgumentException(
          "an idle timeout of " + timeout + ", expected 0 or from 1 ms to 100 years");
    }
    return new RnnFunction(location, fields, new IdleTimeout(timeout.toMillis()));
  }

  /** Bytes of a key's serialized state with an idle timeout, while t is below two million. */
  public static int stateBytes(int floats) {
    return HiddenStateSerializer.bytes(floats);
  }

  /** Whether {@link #withIdleTimeout} takes it: zero, or from a millisecond to a hundred years. */
  public static boolean isIdleTimeout(Duration timeout) {
    return IdleTimeout.isOne(timeout);
  }

  @Override
  public void open(OpenContext context) throws Exception {
    model = SharedModel.acquire(location);
    stepper = model.stepper();
    kernel = Kernel.best();
    initial = model.initialState();
    hasHead = !Collections.disjoint(fields, OF_THE_HEAD);
    logits = new float[model.outputSize()];
    modelName = model.name() + "@" + model.version();
    LogContext.set(getRuntimeContext(), model);
    LOG.info(
        "Job {}, subtask {}: steps of model {}, by {}",
        getRuntimeContext().getJobInfo().getJobName(),
        getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
        modelName,
        model.kernel());
    hidden =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("hidden-state", HiddenStateSerializer.INSTANCE));
    predictions = new LongCounter();
    getRuntimeContext().addAccumulator(JobCounts.PREDICTIONS, predictions);
    metrics = new SequenceMetrics(getRuntimeContext().getMetricGroup(), model.kernel());
    rejected = new RejectedMetric(getRuntimeContext(), JobCounts.REJECTED_TOKENS);
  }

  @Override
  public void close() {
    if (stepper != null) {
      stepper.close(); // before its model
      stepper = null;
    }
    if (model != null) {
      LogContext.clear();
      model = null;
      SharedModel.release(location);
    }
  }

  @Override
  public void processElement(Token token, Context context, Collector<Prediction> out)
      throws Exception {
    TimerService timers = context.timerService();
    long now = idleTimeout.isNever() ? 0 : timers.currentProcessingTime();
    HiddenState kept = hidden.value();
    HiddenState previous = kept == null || endedBefore(token, kept, now) ? null : kept;
    // A new array: on the heap it becomes the state, which a snapshot in flight may share.
    float[] next = new float[initial.length];
    if (!step(token, previous == null ? initial : previous.values(), next, context)) {
      return;
    }
    long t = previous == null ? 1 : previous.t() + 1;
    if (hasHead) {
      stepper.logits(next, logits);
    }
    if (!isFinite(next) || (hasHead && !isFinite(logits))) {
      reject(token, Reason.NOT_FINITE, "step " + t + " overflows float32", context);
      return;
    }
    count(token, kept, previous, now);
    long expires = token.end() ? 0 : idleTimeout.expiry(now);
    IdleTimeout.moveTimer(timers, kept == null ? 0 : kept.expires(), expires);
    if (token.end()) {
      hidden.clear();
    } else {
      hidden.update(new HiddenState(model.fingerprint(), t, expires, next));
    }
    predictions.add(1);
    out.collect(prediction(token, t, next));
  }

  /** Whether the kept state is of a sequence that this token does not belong to. */
  private boolean endedBefore(Token token, HiddenState kept, long now) {
    return token.start() || isOfAnotherModel(kept) || idleTimeout.isOver(kept.expires(), now);
  }

  private boolean isOfAnotherModel(HiddenState kept) {
    return kept.model() != model.fingerprint() || kept.values().length != initial.length;
  }

  private boolean step(Token token, float[] previous, float[] next, Context context) {
    if (model.input() instanceof ModelInput.Words words) {
      int word = token.token() == null ? Vocabulary.NONE : words.vocabulary().id(token.token());
      if (word == Vocabulary.NONE) {
        Reason reason = token.token() == null ? Reason.MISSING_FIELD : Reason.UNKNOWN_TOKEN;
        reject(token, reason, "token: expected a word of the vocabulary", context);
        return false;
      }
      long begun = metrics.stepBegins();
      stepper.step(word, previous, next);
      metrics.stepEnds(begun);
    } else {
      int length = token.features() == null ? 0 : token.features().length;
      if (length != model.input().size()) {
        Reason reason = token.features() == null ? Reason.MISSING_FIELD : Reason.WRONG_LENGTH;
        String detail = "features: expected " + model.input().size() + " numbers, found " + length;
        reject(token, reason, detail, context);
        return false;
      }
      if (!isFinite(token.features())) {
        reject(token, Reason.NOT_FINITE, "features: expected finite numbers", context);
        return false;
      }
      long begun = metrics.stepBegins();
      stepper.step(token.features(), previous, next);
      metrics.stepEnds(begun);
    }
    return true;
  }

  private void reject(Token token, Reason reason, String detail, Context context) {
    rejected.count(reason);
    byte[] json = TokenEncoder.encode(token);
    byte[] key = token.key().getBytes(StandardCharsets.UTF_8);
    context.output(
        REJECTED, new RejectedRecord(reason, detail, key, json, json.length, token.origin()));
  }

  private boolean isFinite(float[] numbers) {
    return kernel.isFinite(numbers, 0, numbers.length);
  }

  private void count(Token token, HiddenState kept, HiddenState previous, long now) {
    metrics.steps.inc();
    if (kept != null && previous == null) {
      if (isOfAnotherModel(kept)) {
        metrics.otherModel.inc();
      } else {
        (idleTimeout.isOver(kept.expires(), now) ? metrics.expired : metrics.ended).inc();
      }
    }
    if (previous == null) {
      metrics.started.inc();
    }
    if (token.end()) {
      metrics.ended.inc();
    }
  }

  private Prediction prediction(Token token, long t, float[] next) {
    return new Prediction(
        token.key(),
        t,
        fields.contains(OutputField.TOKEN) ? token.token() : null,
        fields.contains(OutputField.LABEL) ? stepper.label(logits) : null,
        fields.contains(OutputField.PREDICTION) ? stepper.prediction(logits) : null,
        fields.contains(OutputField.LOGITS) ? logits.clone() : null,
        fields.contains(OutputField.HIDDEN) ? stepper.hidden(next) : null,
        fields.contains(OutputField.SEQ) ? token.seq() : null,
        fields.contains(OutputField.TIMESTAMP) ? token.timestamp() : null,
        fields.contains(OutputField.MODEL) ? modelName : null,
        token.carried());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Prediction> out)
      throws Exception {
    HiddenState kept = hidden.value();
    // A job that was given another timeout meets timers of the old one.
    if (!idleTimeout.isNever() && kept != null && kept.expires() == timestamp) {
      hidden.clear();
      metrics.expired.inc();
    }
  }
}
