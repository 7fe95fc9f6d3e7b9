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
import io.github.flinkrnn.rules.Undecided;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Objects;
import org.apache.flink.annotation.Internal;

/**
 * Processes one token or timer of a key: reads the state once, lets the rules plan each step, and
 * lets the session compute it. Then it commits: first the output, then the state, and last the
 * timers that the state requires. Does not depend on Flink: {@link RnnFunction} provides state,
 * timers and output.
 *
 * <p>Between the plan and the commit of a key, those of other keys may be planned, and their steps
 * computed together. Nothing else may happen to the key in between.
 */
@Internal
public final class Sequences implements Turns {
  /** What happens to a key because of one token or timer. */
  static final class Visit {
    private final SequenceState state;
    private final boolean wasKept;
    private final Position positionBefore;
    private final long expiresBefore;
    private final boolean wasHolding;
    private final Undecided undecidedBefore;
    private boolean isChanged;
    private Token arrived; // null for a timer
    private boolean inEventTime; // of the timer, as the next two
    private long time;
    private boolean ofSilence;
    private Token turn; // the token whose step is next
    private boolean afterGap;
    private Step step;

    private Visit(SequenceState kept) {
      wasKept = kept != null;
      state = wasKept ? kept : new SequenceState();
      positionBefore = state.position();
      expiresBefore = state.expires();
      wasHolding = state.isHolding();
      undecidedBefore = state.undecided();
    }

    /** The token that arrived; null for a timer. */
    Token arrived() {
      return arrived;
    }

    /** The step to compute. */
    Step step() {
      return step;
    }
  }

  private final ModelSession session;
  private final SequenceRules rules;
  private final TokenOrder order;
  private final KeyStore store;
  private final Clock clock;
  private final KeyTimers.Timers timers;
  private final Outlet outlet;
  private final boolean lastOnly;
  private final Step.Room alone; // working memory for a single step
  private final KeyTimers before = new KeyTimers();
  private final KeyTimers after = new KeyTimers();

  // Set only while the token order decides which token is next. Otherwise the visit is passed as an
  // argument, because each store to a field costs a memory fence (the garbage collector's barrier).
  private Visit visit;

  /** Sequences that use this storage, time and output. */
  public Sequences(
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
    alone = session.newRoom(false);
  }

  /** Processes a token of the current key. */
  public void process(Token token) throws Exception {
    finish(plan(token, alone), token.key());
  }

  /** Processes a timer of the current key. */
  public void onTimer(String key, boolean inEventTime, long time) throws Exception {
    finish(planTimer(key, inEventTime, time, alone), key);
  }

  /**
   * Plans what a token of the current key causes, up to the last step.
   *
   * @param room for that step
   * @return the visit, to be committed after its step is computed; null if there is no such step,
   *     and everything is done
   */
  Visit plan(Token token, Step.Room room) throws Exception {
    if (token.tombstone()) {
      erase(token);
      return null;
    }
    if (isRefused(token, session.read(token)) || !order.accepts(token)) {
      return null;
    }
    Visit began = new Visit(store.state());
    began.arrived = token;
    adopt(began, token.key());
    Position position = position(began.state);
    if (order.isPlain(position)) {
      began.turn = token;
      rules.forget(began.state);
    } else {
      visit = began;
      moveTo(began.state, order.arrive(token, position));
      visit = null;
    }
    return planned(began, room, token.key());
  }

  /**
   * Takes the waiting tokens of the current key, which came before the tombstone, ends its
   * sequence, and removes all of its state.
   */
  private void erase(Token tombstone) throws Exception {
    Visit began = new Visit(store.state());
    began.arrived = tombstone;
    adopt(began, tombstone.key());
    visit = began;
    order.drain(position(began.state));
    takeTurn();
    visit = null;
    if (began.state.hasSequence()) {
      finish(began, tombstone.key(), EndReason.TOMBSTONE);
    }
    began.state.positionIs(null);
    end(began, tombstone.key());
  }

  /** Plans what a timer of the current key causes, in the same way. */
  Visit planTimer(String key, boolean inEventTime, long time, Step.Room room) throws Exception {
    Visit began = new Visit(store.state());
    began.inEventTime = inEventTime;
    began.time = time;
    adopt(began, key);
    SequenceState state = began.state;
    began.ofSilence = rules.isOfSilence(state, inEventTime, time);
    if (began.ofSilence) {
      rules.postpone(state, time, clock);
      began.isChanged = true;
    }
    visit = began;
    moveTo(state, order.onTimer(time, inEventTime, position(state)));
    visit = null;
    return planned(began, room, key);
  }

  private Visit planned(Visit began, Step.Room room, String key) throws Exception {
    if (prepare(began, room)) {
      return began;
    }
    end(began, key);
    return null;
  }

  /** Drops state that these options do not use. */
  private void adopt(Visit began, String key) {
    SequenceState state = began.state;
    began.isChanged = rules.adopt(state);
    if (!lastOnly && state.last() != null) {
      state.lastIs(null);
      began.isChanged = true;
    }
    Undecided undecided = state.undecided();
    if (undecided != null && rules.isOfOtherModel(state)) {
      // Another model cannot decide them: they begin a new sequence.
      state.undecidedAre(null);
      finish(began, key, EndReason.OTHER_MODEL);
      visit = began;
      for (Token token : undecided.tokens()) {
        step(token, false);
      }
      takeTurn();
      visit = null;
    }
  }

  /** Computes the steps of visits of different keys, at least one. */
  void compute(int count, Step[] steps) {
    if (count == 1) {
      compute(steps[0]);
      return;
    }
    long begun = outlet.stepsBegin();
    session.computeEach(count, steps);
    outlet.stepsEnd(begun, count);
  }

  private void finish(Visit planned, String key) throws Exception {
    if (planned != null) {
      compute(planned.step);
      commit(planned, key);
    }
  }

  private void compute(Step step) {
    long begun = outlet.stepsBegin();
    session.compute(step);
    outlet.stepsEnd(begun, 1);
  }

  /**
   * Emits and keeps the result of the computed step of the current key.
   *
   * @param key the key as a string
   */
  void commit(Visit computed, String key) throws Exception {
    commitStep(computed);
    end(computed, key);
  }

  private void end(Visit done, String key) throws Exception {
    SequenceState state = done.state;
    boolean isTimer = done.arrived == null;
    if (isTimer) {
      endTimer(done, key);
    }
    rules.settle(state);
    boolean hasMoved = !Objects.equals(done.positionBefore, state.position());
    done.isChanged =
        done.isChanged || hasMoved || !Objects.equals(done.undecidedBefore, state.undecided());
    if (isTimer
        || hasMoved
        || done.expiresBefore != state.expires()
        || done.wasHolding != state.isHolding()
        || deadline(done.undecidedBefore) != deadline(state.undecided())) {
      moveTimers(done);
    }
    if (state.isEmpty()) {
      if (done.wasKept) {
        store.clear();
      }
    } else if (done.isChanged || !done.wasKept) {
      store.keep(state, done.wasKept);
    }
  }

  private void endTimer(Visit done, String key) {
    SequenceState state = done.state;
    if (done.inEventTime && done.time == SequenceRules.END_OF_INPUT && state.isHolding()) {
      finish(done, key, EndReason.END_OF_INPUT);
    } else if (done.ofSilence && rules.isSilent(state, done.time)) {
      finish(done, key, EndReason.IDLE_TIMEOUT);
    } else if (rules.isDue(state, done.inEventTime, done.time, clock)) {
      decideAll(done);
    }
    if (done.ofSilence && rules.isForgotten(state, done.time)) {
      rules.forget(state);
    }
  }

  private void moveTimers(Visit done) {
    SequenceRules.timers(
        done.expiresBefore, done.positionBefore, done.wasHolding, done.undecidedBefore, before);
    if (done.arrived == null) {
      before.fired(done.inEventTime, done.time);
    }
    SequenceState state = done.state;
    SequenceRules.timers(
        state.expires(), state.position(), state.isHolding(), state.undecided(), after);
    before.change(after, timers);
  }

  private static long deadline(Undecided undecided) {
    return undecided == null ? 0 : undecided.deadline();
  }

  private static Position position(SequenceState state) {
    return state.position() == null ? Position.START : state.position();
  }

  private static void moveTo(SequenceState state, Position next) {
    if (!next.equals(position(state))) {
      state.positionIs(next);
    }
  }

  /** Only the last of several turns may be computed with other keys. */
  @Override
  public void step(Token token, boolean afterGap) {
    takeTurn();
    visit.turn = token;
    visit.afterGap = afterGap;
  }

  /** Takes the step of the turn before, because something else follows it. */
  private void takeTurn() {
    if (visit != null && prepare(visit, alone)) {
      compute(visit.step);
      commitStep(visit);
    }
  }

  /** Prepares the step of the next token. Returns whether there is one. */
  private boolean prepare(Visit began, Step.Room room) {
    Token token = began.turn;
    if (token == null) {
      return false;
    }
    began.turn = null;
    // A waiting token may have been checked against another model or other options.
    if (!session.hasRead(token) && isRefused(token, session.read(token))) {
      return false;
    }
    StepPlan plan = rules.plan(began.state, token, session.word(), began.afterGap, clock);
    if (session.goesOn(plan) && isRefused(token, session.refusalToGoOn(plan))) {
      return false;
    }
    Step step = session.prepare(plan, room);
    if (step.refused != null) {
      outlet.reject(token, step.refused, step.refusal);
      return false;
    }
    if (rules.isTooLate(plan, clock)) {
      decideAll(began);
      step.plan = plan.after(began.state.values());
    }
    began.step = step;
    return true;
  }

  private boolean isRefused(Token token, TokenReader.Refusal refusal) {
    if (refusal == null) {
      return false;
    }
    outlet.reject(token, refusal.reason(), refusal.detail());
    return true;
  }

  private void commitStep(Visit computed) {
    Step done = computed.step;
    StepPlan plan = done.plan;
    Token token = plan.token();
    if (done.refused != null) {
      outlet.reject(token, done.refused, done.refusal);
      return;
    }
    SequenceState state = computed.state;
    computed.isChanged = true;
    outlet.stepped(done.marks);
    if (plan.endBefore() != null) {
      finish(computed, token.key(), plan.endBefore());
    }
    if (plan.t() == 1) {
      outlet.started();
    }
    long time = outlet.tellsEnds() ? time(token) : 0;
    boolean ends = plan.endAfter() != null;
    if (done.decided != null) {
      emitDecided(state, done);
    } else if (lastOnly) {
      state.lastIs(session.prediction(done));
    } else if (session.emits(done)) {
      outlet.emit(session.prediction(done));
    }
    state.become(
        session.fingerprint(),
        plan.t(),
        plan.expires(),
        time,
        session.timeToKeep(token),
        done.next);
    if (outlet.tellsEnds() && token.source() != null && token.source().isKeyed()) {
      state.keyed();
    }
    if (done.undecided != null) {
      Undecided undecided = rules.undecided(done.undecided, plan, clock);
      state.undecidedAre(undecided);
      if (done.undecided.length > 1 && undecided.bytes() > Undecided.MAX_BYTES) {
        decideAll(computed);
      }
    }
    if (ends) {
      emitLast(state); // before the generated words
    }
    if (session.goesOn(plan)) {
      session.goOn(done, outlet::emit);
    }
    if (ends) {
      finish(computed, token.key(), plan.endAfter());
    }
  }

  /** Emits the predictions of the tokens that a step decided, and then its own provisional one. */
  private void emitDecided(SequenceState state, Step done) {
    state.undecidedAre(null);
    for (Step decided : done.decided) {
      if (decided.refused != null) {
        outlet.reject(decided.plan.token(), decided.refused, decided.refusal);
      } else if (lastOnly) {
        state.lastIs(session.prediction(decided));
      } else if (session.emits(decided)) {
        outlet.emit(session.prediction(decided));
      }
    }
    if (done.provisional != null && done.provisional.refused == null) {
      outlet.emit(session.prediction(done.provisional));
    }
  }

  /** Emits the predictions of the undecided tokens, with the future that is there. */
  private void decideAll(Visit of) {
    SequenceState state = of.state;
    Step done = session.decideAll(state);
    emitDecided(state, done);
    state.valuesAre(done.next);
    of.isChanged = true;
  }

  private void emitLast(SequenceState state) {
    Prediction last = state.last();
    if (lastOnly && last != null) {
      state.lastIs(null);
      outlet.emit(last);
    }
  }

  private void finish(Visit of, String key, EndReason why) {
    SequenceState state = of.state;
    if (state.undecided() != null) {
      decideAll(of);
    }
    emitLast(state);
    long t = state.t();
    long time = state.time();
    boolean isKeyed = state.isKeyed();
    state.endSequence();
    of.isChanged = true;
    outlet.ended(key, t, why, time, isKeyed);
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    takeTurn();
    outlet.reject(token, reason, detail);
  }

  @Override
  public void gap() {
    takeTurn();
    outlet.gap();
  }

  @Override
  public void duplicate() {
    takeTurn();
    outlet.duplicate();
  }

  /** The timestamp of the record of the token; 0 if it has none. */
  private static long time(Token token) {
    SourceRecord source = token.source();
    return source == null || source.timestamp() == null ? 0 : source.timestamp();
  }
}
