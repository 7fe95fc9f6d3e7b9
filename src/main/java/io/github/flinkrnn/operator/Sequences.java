package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;

/**
 * The sequences of the current key, one after another: where one begins, its steps, its end. {@link
 * RnnFunction} says when state dies.
 */
final class Sequences {
  /** The end of event time, behind every token: that of the stream. */
  private static final long END_OF_INPUT = Long.MAX_VALUE;

  private final SequenceOptions options;
  private final IdleTimeout idle;
  private final Past past;
  private final Predictions predictions;
  private final Generator generator; // null where nothing is generated
  private final SequenceMetrics metrics;
  private final Outlet outlet;
  private final Vocabulary vocabulary; // null for a model of features
  private final boolean looksAgain; // at states that are over, for tokens wait that may be theirs
  private final boolean lastAlone;
  private final ValueState<HiddenState> hidden;
  private final ValueState<Prediction> last; // null where every step may be emitted

  Sequences(
      SequenceOptions options,
      ModelInput input,
      IdleTimeout idle,
      Past past,
      Predictions predictions,
      Generator generator,
      SequenceMetrics metrics,
      RuntimeContext context,
      Outlet outlet) {
    this.options = options;
    this.idle = idle;
    this.past = past;
    this.predictions = predictions;
    this.generator = generator;
    this.metrics = metrics;
    this.outlet = outlet;
    vocabulary = input instanceof ModelInput.Words words ? words.vocabulary() : null;
    looksAgain = idle.inEventTime() && options.order().by() == OrderOptions.By.SEQ;
    lastAlone = predictions.areLastAlone();
    hidden =
        context.getState(
            new ValueStateDescriptor<>("hidden-state", HiddenStateSerializer.INSTANCE));
    last =
        lastAlone
            ? context.getState(
                new ValueStateDescriptor<>("last-prediction", TypeInformation.of(Prediction.class)))
            : null;
  }

  /**
   * One step.
   *
   * @param word the token's id, for a model of words
   * @param afterGap whether the token begins a new sequence, for those before it never came
   * @param order of the tokens, or null
   */
  void step(Token token, int word, boolean afterGap, TokenOrder order) throws Exception {
    boolean goesOn = generator != null && (token.generate() || endsByItself(token));
    if (goesOn && !generator.accepts(token)) {
      return;
    }
    TimerService timers = outlet.timers();
    long now = idle.now(token, timers);
    HiddenState kept = hidden.value();
    EndReason endBefore = kept == null ? null : endBefore(token, kept, now, afterGap);
    HiddenState previous = endBefore == null ? kept : null;
    float[] before = previous == null ? null : previous.values();
    long t = previous == null ? 1 : previous.t() + 1;
    float[] next;
    try {
      predictions.stepBegins(word, before);
      long begun = metrics.stepBegins();
      next = past.step(word, token.features(), before);
      metrics.stepEnds(begun);
      if (!predictions.stepEnds(next)) {
        outlet.reject(token, Reason.NOT_FINITE, "step " + t + " overflows float32");
        return;
      }
    } catch (NotAcceptedException refused) {
      outlet.reject(token, Reason.NOT_ACCEPTED, "step " + t + ": " + refused.getMessage());
      return;
    }
    metrics.steps.inc();
    if (endBefore != null) {
      end(token.key(), kept.t(), endBefore, kept.time(), order);
    }
    if (previous == null) {
      metrics.started.inc();
    }
    EndReason endAfter = endAfter(token, t);
    long time = outlet.tellsEnds() ? time(token) : 0;
    long expires = endAfter == null ? expiry(previous, now) : 0;
    keep(kept, next, t, expires, time, endAfter, order);
    emit(predictions.of(token, t, next), endAfter != null);
    if (goesOn) {
      generator.goOn(token, t, next);
    }
    if (endAfter != null) {
      end(token.key(), t, endAfter, time, order);
    }
  }

  /** Why the kept sequence is not the one that the token belongs to; null where it is. */
  private EndReason endBefore(Token token, HiddenState kept, long now, boolean afterGap) {
    if (kept.model() != past.fingerprint() || !past.fits(kept.values().length)) {
      return EndReason.OTHER_MODEL;
    }
    if (idle.isOver(kept.expires(), now)) {
      return EndReason.IDLE_TIMEOUT;
    }
    if (token.start()) {
      return EndReason.START;
    }
    if (isWord(token, options.startToken())) {
      return EndReason.START_TOKEN;
    }
    return afterGap ? EndReason.GAP : null;
  }

  private EndReason endAfter(Token token, long t) {
    if (token.end()) {
      return EndReason.END;
    }
    if (isWord(token, options.endToken())) {
      return EndReason.END_TOKEN;
    }
    return options.maxLength() > 0 && t >= options.maxLength() ? EndReason.MAX_LENGTH : null;
  }

  private boolean isWord(Token token, String asked) {
    return asked != null && vocabulary.isSame(token.token(), asked);
  }

  private boolean endsByItself(Token token) {
    return token.end() || isWord(token, options.endToken());
  }

  /** The time of the token's record; 0 where it has none. */
  private static long time(Token token) {
    SourceRecord source = token.source();
    return source == null || source.timestamp() == null ? 0 : source.timestamp();
  }

  /** In event time a token may come before one that was there: the latest of them counts. */
  private long expiry(HiddenState previous, long now) {
    long expires = idle.expiry(now);
    return idle.inEventTime() && previous != null ? Math.max(expires, previous.expires()) : expires;
  }

  private void keep(
      HiddenState kept,
      float[] next,
      long t,
      long expires,
      long time,
      EndReason endAfter,
      TokenOrder order)
      throws Exception {
    long from = kept == null ? 0 : kept.expires();
    moveTimer(from, expires, order);
    if (endAfter == null) {
      HiddenState state = kept;
      if (state == null) {
        state = new HiddenState(past.fingerprint(), t, expires, time, next.clone());
      } else {
        state.become(past.fingerprint(), t, expires, time, next);
      }
      hidden.update(state);
    } else {
      hidden.clear();
    }
  }

  private void moveTimer(long from, long to, TokenOrder order) throws Exception {
    if (from != to) {
      boolean used = from != 0 && order != null && order.usesTimer(idle.timer(from));
      idle.moveTimer(outlet.timers(), from, to, used);
    }
  }

  private void emit(Prediction prediction, boolean isLast) throws Exception {
    if (!lastAlone) {
      if (predictions.isToBeEmitted(prediction)) {
        outlet.emit(prediction);
      }
    } else if (isLast) {
      last.clear(); // the one before it
      outlet.emit(prediction);
    } else {
      last.update(prediction);
      // At each step: a sequence may have begun in a job that emitted them all.
      outlet.timers().registerEventTimeTimer(END_OF_INPUT);
    }
  }

  private void end(String key, long t, EndReason why, long time, TokenOrder order)
      throws Exception {
    metrics.ended(why);
    if (lastAlone) {
      Prediction prediction = last.value();
      if (prediction != null) {
        last.clear();
        outlet.emit(prediction);
      }
      boolean used = order != null && order.waitsUntil(END_OF_INPUT);
      if (hidden.value() == null && !used) {
        outlet.timers().deleteEventTimeTimer(END_OF_INPUT);
      }
    }
    outlet.ended(key, t, why, time);
  }

  /** Whether the current key's sequence has a timer at that time, in that of the idle timeout. */
  boolean usesTimer(long time) throws Exception {
    HiddenState kept = hidden.value();
    if (kept == null || kept.expires() == 0) {
      return false;
    }
    long timer = idle.timer(kept.expires());
    boolean wasDue = looksAgain && timer <= outlet.timers().currentWatermark();
    return wasDue ? timer <= time : timer == time;
  }

  /** A timer of the key has fired; not every one is of this. */
  void onTimer(String key, long time, TimeDomain domain, TokenOrder order) throws Exception {
    HiddenState kept = hidden.value();
    if (kept == null) {
      return;
    }
    boolean inEventTime = domain == TimeDomain.EVENT_TIME;
    if (lastAlone && inEventTime && time == END_OF_INPUT) {
      hidden.clear();
      moveTimer(kept.expires(), 0, order);
      end(key, kept.t(), EndReason.END_OF_INPUT, kept.time(), order);
      return;
    }
    // A job that was given another timeout meets timers of the old one.
    boolean ofIdle =
        !idle.isNever()
            && idle.inEventTime() == inEventTime
            && kept.expires() != 0
            && (looksAgain
                ? idle.timer(kept.expires()) <= time
                : idle.timer(kept.expires()) == time);
    if (!ofIdle) {
      return;
    }
    if (order != null && order.isWaiting()) { // the key is not silent
      long again = idle.expiryAfter(time, outlet.timers());
      if (looksAgain) { // the state keeps its expiry: the tokens' own times decide
        outlet.timers().registerEventTimeTimer(again == 0 ? END_OF_INPUT : idle.timer(again));
      } else {
        idle.moveTimer(outlet.timers(), 0, again, false);
        kept.expireAt(again);
        hidden.update(kept);
      }
      return;
    }
    hidden.clear();
    end(key, kept.t(), EndReason.IDLE_TIMEOUT, kept.time(), order);
  }
}
