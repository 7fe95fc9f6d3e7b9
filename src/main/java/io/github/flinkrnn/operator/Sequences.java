package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
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
 * Processes one token or timer of the current key. It reads the state once, lets the rules plan
 * each step, and lets the session compute it. Then it commits: first the output, then the state,
 * and last the timers that the state requires. Does not depend on Flink: {@link RnnFunction}
 * provides state, timers and output.
 */
final class Sequences implements Turns {
  private final ModelSession session;
  private final SequenceRules rules;
  private final TokenOrder order;
  private final KeyStore store;
  private final Clock clock;
  private final KeyTimers.Timers timers;
  private final Outlet outlet;
  private final boolean lastOnly;
  private final Step step;
  private final KeyTimers before = new KeyTimers();
  private final KeyTimers after = new KeyTimers();

  private boolean wasKept;
  private boolean isChanged;
  private Position positionBefore; // this and the next two: as read at the start of the call
  private long expiresBefore;
  private boolean hadLast;
  private boolean hasFired;

  // Set only while the token order decides which token is next. Otherwise the state is passed as an
  // argument, because each store to a field costs a memory fence (the garbage collector's barrier).
  private SequenceState turn;

  Sequences(
      SequenceOptions sequence,
      OutputOptions output,
      ModelSession session,
      KeyStore store,
      Clock clock,
      KeyTimers.Timers timers,
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

  /** Processes a token of the current key. */
  void process(Token token) throws Exception {
    if (isRefused(token, session.read(token)) || !order.accepts(token)) {
      return;
    }
    SequenceState state = begin();
    adopt(state);
    Position position = position(state);
    if (order.isPlain(position)) {
      take(state, token, false);
      rules.forget(state);
    } else {
      turn = state;
      moveTo(state, order.arrive(token, position));
      turn = null;
    }
    end(state);
  }

  /** Processes a timer of the current key. */
  void onTimer(String key, boolean inEventTime, long time) throws Exception {
    SequenceState state = begin();
    SequenceRules.timers(expiresBefore, positionBefore, hadLast, before);
    before.fired(inEventTime, time);
    hasFired = true;
    adopt(state);
    boolean ofSilence = rules.isOfSilence(state, inEventTime, time);
    if (ofSilence) {
      rules.postpone(state, time, clock);
      isChanged = true;
    }
    turn = state;
    moveTo(state, order.onTimer(time, inEventTime, position(state)));
    turn = null;
    if (inEventTime && time == SequenceRules.END_OF_INPUT && state.last() != null) {
      finish(state, key, EndReason.END_OF_INPUT);
    } else if (ofSilence && rules.isSilent(state, time)) {
      finish(state, key, EndReason.IDLE_TIMEOUT);
    }
    if (ofSilence && rules.isForgotten(state, time)) {
      rules.forget(state);
    }
    end(state);
  }

  private SequenceState begin() throws Exception {
    SequenceState kept = store.state();
    wasKept = kept != null;
    SequenceState state = wasKept ? kept : new SequenceState();
    isChanged = false;
    positionBefore = state.position();
    expiresBefore = state.expires();
    hadLast = state.last() != null;
    hasFired = false;
    return state;
  }

  /** Drops state that these options do not use. */
  private void adopt(SequenceState state) {
    isChanged = rules.adopt(state);
    if (!lastOnly && state.last() != null) {
      state.lastIs(null);
      isChanged = true;
    }
  }

  private void end(SequenceState state) throws Exception {
    rules.settle(state);
    boolean hasMoved = !Objects.equals(positionBefore, state.position());
    isChanged |= hasMoved;
    boolean hasLast = state.last() != null;
    if (hasFired || hasMoved || expiresBefore != state.expires() || hadLast != hasLast) {
      moveTimers(state);
    }
    if (state.isEmpty()) {
      if (wasKept) {
        store.clear();
      }
    } else if (isChanged || !wasKept) {
      store.keep(state);
    }
  }

  private void moveTimers(SequenceState state) {
    if (!hasFired) {
      SequenceRules.timers(expiresBefore, positionBefore, hadLast, before);
    }
    SequenceRules.timers(state.expires(), state.position(), state.last() != null, after);
    before.change(after, timers);
  }

  private static Position position(SequenceState state) {
    return state.position() == null ? Position.START : state.position();
  }

  private static void moveTo(SequenceState state, Position next) {
    if (!next.equals(position(state))) {
      state.positionIs(next);
    }
  }

  @Override
  public void step(Token token, boolean afterGap) throws Exception {
    // A waiting token may have been checked against another model or other options.
    if (session.hasRead(token) || !isRefused(token, session.read(token))) {
      take(turn, token, afterGap);
    }
  }

  private boolean isRefused(Token token, TokenReader.Refusal refusal) {
    if (refusal == null) {
      return false;
    }
    outlet.reject(token, refusal.reason(), refusal.detail());
    return true;
  }

  private void take(SequenceState state, Token token, boolean afterGap) throws Exception {
    StepPlan plan = rules.plan(state, token, session.word(), afterGap, clock);
    if (session.goesOn(plan) && isRefused(token, session.refusalToGoOn(plan))) {
      return;
    }
    long begun = outlet.stepBegins();
    session.compute(plan, step);
    outlet.stepEnds(begun);
    if (step.refused == null) {
      commit(state, plan, step);
    } else {
      outlet.reject(token, step.refused, step.refusal);
    }
  }

  /** Emits and keeps the result of a computed step. */
  private void commit(SequenceState state, StepPlan plan, Step done) {
    Token token = plan.token();
    isChanged = true;
    outlet.stepped(session.fields());
    if (plan.endBefore() != null) {
      finish(state, token.key(), plan.endBefore());
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
    state.become(
        session.fingerprint(),
        plan.t(),
        plan.expires(),
        time,
        session.timeToKeep(token),
        done.next);
    if (ends) {
      emitLast(state); // before the generated words
    }
    if (session.goesOn(plan)) {
      session.goOn(plan, done, outlet::emit);
    }
    if (ends) {
      finish(state, token.key(), plan.endAfter());
    }
  }

  private void emitLast(SequenceState state) {
    Prediction last = state.last();
    if (lastOnly && last != null) {
      state.lastIs(null);
      outlet.emit(last);
    }
  }

  private void finish(SequenceState state, String key, EndReason why) {
    emitLast(state);
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

  /** The timestamp of the record of the token; 0 if it has none. */
  private static long time(Token token) {
    SourceRecord source = token.source();
    return source == null || source.timestamp() == null ? 0 : source.timestamp();
  }
}
