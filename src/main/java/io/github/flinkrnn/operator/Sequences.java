package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.Alarms;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceRules;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.rules.TokenOrder;
import io.github.flinkrnn.rules.Turns;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Objects;

/**
 * The sequences of one key at a time: what is kept is read once, the rules plan each step, the
 * session computes it, and what follows is committed: output, state, and last the timers, which are
 * those that the state asks for. Without Flink: {@link RnnFunction} owns state, timers and output.
 */
final class Sequences implements Turns {
  private final ModelSession session;
  private final SequenceRules rules;
  private final TokenOrder order;
  private final KeyStore store;
  private final Clock clock;
  private final Alarms.Timers timers;
  private final Outlet outlet;
  private final boolean lastOnly;
  private final Step step;
  private final Alarms before = new Alarms();
  private final Alarms after = new Alarms();

  private SequenceState state; // of the current key
  private boolean wasKept;
  private boolean isChanged;
  private Position found; // its position before anything was done
  private Token arrived;
  private int arrivedWord;

  Sequences(
      SequenceOptions sequence,
      OutputOptions output,
      ModelSession session,
      KeyStore store,
      Clock clock,
      Alarms.Timers timers,
      Outlet outlet) {
    this.session = session;
    this.store = store;
    this.clock = clock;
    this.timers = timers;
    this.outlet = outlet;
    rules = session.rules(sequence);
    order = TokenOrder.of(sequence, store, clock, this);
    lastOnly = output.emit().when() == Emit.When.LAST;
    step = session.newStep();
  }

  /** A token of the current key has come. */
  void process(Token token) throws Exception {
    int word = session.word(token);
    if (isRefused(token, session.refusal(token, word)) || !order.accepts(token)) {
      return;
    }
    begin();
    adopt();
    Position position = position();
    if (order.isPlain(position)) {
      take(token, word, false);
      rules.forget(state);
    } else {
      arrived = token;
      arrivedWord = word;
      moveTo(order.arrive(token, position));
      arrived = null;
    }
    end();
  }

  /** A timer of the current key has fired. */
  void onTimer(String key, boolean inEventTime, long time) throws Exception {
    begin();
    before.fired(inEventTime, time);
    adopt();
    boolean ofSilence = rules.isOfSilence(state, inEventTime, time);
    if (ofSilence) {
      rules.postpone(state, time, clock);
      isChanged = true;
    }
    Position position = position();
    moveTo(order.onTimer(time, inEventTime, position));
    if (inEventTime && time == SequenceRules.END_OF_INPUT && state.last() != null) {
      finish(key, EndReason.END_OF_INPUT);
    } else if (ofSilence && rules.isSilent(state, time)) {
      finish(key, EndReason.IDLE_TIMEOUT);
    }
    if (ofSilence && rules.isForgotten(state, time)) {
      rules.forget(state);
    }
    end();
  }

  private void begin() throws Exception {
    state = store.state();
    wasKept = state != null;
    if (!wasKept) {
      state = new SequenceState();
    }
    isChanged = false;
    found = state.position();
    SequenceRules.alarms(state, before);
  }

  /** Drops what only a job with other options can use. */
  private void adopt() {
    isChanged = rules.adopt(state);
    if (!lastOnly && state.last() != null) {
      state.lastIs(null);
      isChanged = true;
    }
  }

  private void end() throws Exception {
    rules.settle(state);
    isChanged |= !Objects.equals(found, state.position());
    SequenceRules.alarms(state, after);
    before.change(after, timers);
    if (state.isEmpty()) {
      if (wasKept) {
        store.clear();
      }
    } else if (isChanged || !wasKept) {
      store.keep(state);
    }
    state = null;
  }

  private Position position() {
    return state.position() == null ? Position.START : state.position();
  }

  private void moveTo(Position next) {
    if (!next.equals(position())) {
      state.positionIs(next);
    }
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very token that has just been looked up
  public void step(Token token, boolean afterGap) throws Exception {
    if (token == arrived) {
      take(token, arrivedWord, afterGap);
      return;
    }
    // One that waited may have been meant for another model, or for other options.
    int word = session.word(token);
    if (!isRefused(token, session.refusal(token, word))) {
      take(token, word, afterGap);
    }
  }

  private boolean isRefused(Token token, TokenReader.Refusal refusal) {
    if (refusal == null) {
      return false;
    }
    outlet.reject(token, refusal.reason(), refusal.detail());
    return true;
  }

  private void take(Token token, int word, boolean afterGap) throws Exception {
    StepPlan plan = rules.plan(state, token, word, afterGap, clock);
    if (session.goesOn(plan) && isRefused(token, session.refusalToGoOn(plan))) {
      return;
    }
    long begun = outlet.stepBegins();
    session.compute(plan, step);
    outlet.stepEnds(begun);
    if (step.refused == null) {
      commit(plan, step);
    } else {
      outlet.reject(token, step.refused, step.refusal);
    }
  }

  /** Emits and keeps what follows from a step that was computed. */
  private void commit(StepPlan plan, Step done) {
    Token token = plan.token();
    isChanged = true;
    outlet.stepped();
    if (plan.endBefore() != null) {
      finish(token.key(), plan.endBefore());
    }
    if (plan.t() == 1) {
      outlet.started();
    }
    long time = outlet.tellsEnds() ? time(token) : 0;
    boolean ends = plan.endAfter() != null;
    if (lastOnly) {
      state.lastIs(session.prediction(plan, done));
    } else if (session.emits(done)) {
      outlet.emit(session.prediction(plan, done));
    }
    state.become(session.fingerprint(), plan.t(), plan.expires(), time, done.next);
    if (ends) {
      emitLast(); // before the words that follow it
    }
    if (session.goesOn(plan)) {
      session.goOn(plan, done, outlet::emit);
    }
    if (ends) {
      finish(token.key(), plan.endAfter());
    }
  }

  private void emitLast() {
    Prediction last = state.last();
    if (lastOnly && last != null) {
      state.lastIs(null);
      outlet.emit(last);
    }
  }

  private void finish(String key, EndReason why) {
    emitLast();
    long t = state.t();
    long time = state.time();
    state.endSequence();
    isChanged = true;
    outlet.ended(key, t, why, time);
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    outlet.reject(token, reason, detail);
  }

  @Override
  public void gap() {
    outlet.gap();
  }

  @Override
  public void duplicate() {
    outlet.duplicate();
  }

  /** The time of the token's record; 0 where it has none. */
  private static long time(Token token) {
    SourceRecord source = token.source();
    return source == null || source.timestamp() == null ? 0 : source.timestamp();
  }
}
