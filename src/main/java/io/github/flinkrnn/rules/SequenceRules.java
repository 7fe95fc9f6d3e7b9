package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.apache.flink.annotation.Internal;

/**
 * When a sequence begins and ends, from which state a step begins, and which timers a state needs.
 * This class only decides: it does not compute, store or emit.
 *
 * <p>A sequence ends
 *
 * <ul>
 *   <li>after the prediction for a token that has {@code end}, is the end token, or reaches the
 *       maximum length;
 *   <li>before a token that has {@code start}, is the start token, or follows a gap with {@link
 *       OnGap#RESTART};
 *   <li>when no token arrives within the idle timeout;
 *   <li>before the next token, if another model computed the state;
 *   <li>when a tombstone of the key arrives;
 *   <li>at the end of the stream, if only the last step of a sequence is emitted, or if tokens are
 *       undecided.
 * </ul>
 */
@Internal
public final class SequenceRules {
  /** The event time of the end of the stream, after every token. */
  public static final long END_OF_INPUT = Long.MAX_VALUE;

  private final SequenceOptions options;
  private final IdleTimeout idle;
  private final IdleTimeout decision;
  private final long model;
  private final Predicate<float[]> fits;
  private final int startWord;
  private final int endWord;
  private final BiPredicate<String, String> isSame;

  /**
   * @param model the fingerprint of the model. A step can begin only from a state with it
   * @param fits whether such a state can have these values
   * @param startWord the id of the start token; -1 for none
   * @param endWord the id of the end token; -1 for none
   * @param isSame whether two words with the same id are the same word: unknown words share one id
   */
  public SequenceRules(
      SequenceOptions options,
      long model,
      Predicate<float[]> fits,
      int startWord,
      int endWord,
      BiPredicate<String, String> isSame) {
    this.options = options;
    this.idle = IdleTimeout.of(options);
    this.decision = IdleTimeout.ofDecision(options);
    this.model = model;
    this.fits = fits;
    this.startWord = startWord;
    this.endWord = endWord;
    this.isSame = isSame;
  }

  /**
   * Drops an expiry and a deadline that this job cannot use, because the job has no such timeout or
   * has one in the other kind of time. The timeouts of this job apply from the key's next token on.
   *
   * @return whether any was dropped
   */
  public boolean adopt(SequenceState state) {
    Undecided undecided = state.undecided();
    boolean isUseless =
        undecided != null
            && undecided.deadline() != 0
            && (decision.isNever() || undecided.inEventTime() != decision.inEventTime());
    if (isUseless) {
      state.undecidedAre(undecided.until(0, decision.inEventTime()));
    }
    if (!isOfOtherTime(state)) {
      return isUseless;
    }
    state.expireAt(0);
    if (state.position() != null) {
      state.positionIs(state.position().forgetting(0).waking(Position.NONE));
    }
    return true;
  }

  private boolean isOfOtherTime(SequenceState state) {
    boolean some = firstExpiry(state) != 0;
    return some && (idle.isNever() || isInEventTime(state) != idle.inEventTime());
  }

  private static boolean isInEventTime(SequenceState state) {
    return state.position() != null && state.position().wakes() != Position.NONE;
  }

  /**
   * The step of a token.
   *
   * @param word the id of the token's word, for a model of words
   * @param afterGap whether it begins a new sequence because tokens before it never arrived
   */
  public StepPlan plan(SequenceState kept, Token token, int word, boolean afterGap, Clock clock) {
    long now = idle.now(token, clock);
    EndReason endBefore = kept.hasSequence() ? endBefore(kept, token, word, now, afterGap) : null;
    boolean goesOn = kept.hasSequence() && endBefore == null;
    long t = goesOn ? kept.t() + 1 : 1;
    EndReason endAfter = endAfter(token, word, t);
    long expires = endAfter == null ? idle.expiry(now, goesOn ? kept.expires() : 0) : 0;
    return new StepPlan(
        token,
        word,
        goesOn ? kept.values() : null,
        goesOn ? kept.undecided() : null,
        kept.stepTime(),
        t,
        endBefore,
        endAfter,
        expires);
  }

  private EndReason endBefore(
      SequenceState kept, Token token, int word, long now, boolean afterGap) {
    if (isOfOtherModel(kept)) {
      return EndReason.OTHER_MODEL;
    }
    if (idle.isOver(kept.expires(), now)) {
      return EndReason.IDLE_TIMEOUT;
    }
    if (token.start()) {
      return EndReason.START;
    }
    if (startWord >= 0 && word == startWord && isSame.test(token.token(), options.startToken())) {
      return EndReason.START_TOKEN;
    }
    return afterGap ? EndReason.GAP : null;
  }

  /** Whether no step can begin from the values of a sequence. */
  public boolean isOfOtherModel(SequenceState kept) {
    return kept.model() != model || !fits.test(kept.values());
  }

  /** Whether undecided tokens are decided before the step of a token: it is too late for them. */
  public boolean isTooLate(StepPlan plan, Clock clock) {
    return plan.undecided() != null
        && decision.isOver(plan.undecided().deadline(), decision.now(plan.token(), clock));
  }

  /**
   * The undecided tokens after a step, with their deadline.
   *
   * @param tokens at least one
   * @param plan of the step
   */
  public Undecided undecided(Token[] tokens, StepPlan plan, Clock clock) {
    long before = plan.undecided() == null ? 0 : plan.undecided().deadline();
    long deadline = decision.deadline(decision.now(plan.token(), clock), before);
    return new Undecided(tokens, deadline, decision.inEventTime());
  }

  /** Whether a timer decides the undecided tokens. */
  public boolean isDue(SequenceState state, boolean inEventTime, long time, Clock clock) {
    Undecided undecided = state.undecided();
    if (undecided == null || inEventTime != undecided.inEventTime()) {
      return false;
    }
    long deadline = undecided.deadline();
    if (deadline == 0 || deadline > time) {
      return false;
    }
    if (inEventTime && clock.watermark() == END_OF_INPUT) {
      state.undecidedAre(undecided.until(0, true)); // the end of the stream decides
      return false;
    }
    if (!isHeld(state)) {
      return true;
    }
    if (!inEventTime) { // the key is not silent: its tokens wait
      state.undecidedAre(undecided.until(decision.deadlineAfter(time, clock), false));
    }
    return false;
  }

  private EndReason endAfter(Token token, int word, long t) {
    if (token.end()) {
      return EndReason.END;
    }
    if (endWord >= 0 && word == endWord && isSame.test(token.token(), options.endToken())) {
      return EndReason.END_TOKEN;
    }
    return options.maxLength() > 0 && t >= options.maxLength() ? EndReason.MAX_LENGTH : null;
  }

  /** Whether a timer is that of the idle timeout. To be called before the state changes. */
  public boolean isOfSilence(SequenceState state, boolean inEventTime, long time) {
    if (idle.isNever() || idle.inEventTime() != inEventTime) {
      return false;
    }
    if (inEventTime) {
      Position position = state.position();
      return position != null && position.wakes() != Position.NONE && position.wakes() <= time;
    }
    long expiry = firstExpiry(state);
    return expiry != 0 && expiry <= time;
  }

  /** Postpones the expiry of a key while its tokens wait: it is not silent. */
  public void postpone(SequenceState state, long time, Clock clock) {
    if (state.waiting() == 0) {
      return;
    }
    long again = idle.expiryAfter(time, clock);
    if (!idle.inEventTime() && isOver(state.expires(), time)) {
      state.expireAt(again);
    }
    if (isOver(state.position().forgets(), time)) {
      state.positionIs(state.position().forgetting(again));
    }
  }

  /** Whether the idle timeout has ended the sequence, at the time of its timer. */
  public boolean isSilent(SequenceState state, long time) {
    return state.hasSequence() && !isHeld(state) && isOver(state.expires(), time);
  }

  /** Whether the idle timeout has ended the position, at the time of its timer. */
  public boolean isForgotten(SequenceState state, long time) {
    return state.waiting() == 0
        && state.position() != null
        && isOver(state.position().forgets(), time);
  }

  /** Forgets how far the tokens of the key were taken. */
  public void forget(SequenceState state) {
    if (state.position() != null) {
      state.positionIs(Position.START.waking(state.position().wakes()));
    }
  }

  private boolean isOver(long expires, long time) {
    return expires != 0 && idle.timer(expires) <= time;
  }

  /**
   * Whether waiting tokens may belong to an expired sequence. Tokens that wait by number may have
   * any event time. Tokens that wait by event time are later than everything that has expired.
   */
  private boolean isHeld(SequenceState state) {
    return state.waiting() > 0 && (!idle.inEventTime() || state.position().by() == By.SEQ);
  }

  private static long firstExpiry(SequenceState state) {
    return firstOf(state.expires(), state.position() == null ? 0 : state.position().forgets());
  }

  private static long firstOf(long expires, long forgets) {
    if (expires == 0 || forgets == 0) {
      return expires == 0 ? forgets : expires; // in event time either may be negative
    }
    return Math.min(expires, forgets);
  }

  /** Sets the timer of an idle timeout in event time, and removes a position without content. */
  public void settle(SequenceState state) {
    Position position = state.position();
    boolean byEvents = !idle.isNever() && idle.inEventTime();
    if (byEvents || position != null) {
      long wakes = byEvents ? wakes(state) : Position.NONE;
      position = (position == null ? Position.START : position).waking(wakes);
      state.positionIs(Position.START.equals(position) ? null : position);
    }
  }

  private long wakes(SequenceState state) {
    long wakes = Position.NONE;
    if (state.expires() != 0) {
      wakes = isHeld(state) ? END_OF_INPUT : idle.timer(state.expires());
    }
    long forgets = state.position() == null ? 0 : state.position().forgets();
    if (forgets != 0) {
      long timer = idle.timer(forgets);
      wakes = wakes == Position.NONE ? timer : Math.min(wakes, timer);
    }
    return wakes;
  }

  /**
   * The timers that a state needs, independent of the options.
   *
   * @param position of the state, or null
   * @param isHolding whether the state holds a prediction to emit at the end of the sequence, or
   *     undecided tokens
   * @param undecided these tokens, or null
   */
  public static void timers(
      long expires, Position position, boolean isHolding, Undecided undecided, KeyTimers into) {
    Position at = position == null ? Position.START : position;
    boolean inEventTime = at.wakes() != Position.NONE;
    into.processing(inEventTime ? 0 : firstOf(expires, at.forgets()), at.deadline());
    into.event(
        at.wakes(),
        at.by() == By.SEQ ? TokenOrder.INPUT_ENDS : at.due(),
        isHolding ? END_OF_INPUT : Position.NONE);
    long decides =
        undecided == null || undecided.deadline() == 0 ? Position.NONE : undecided.deadline();
    boolean isEventTime = undecided != null && undecided.inEventTime();
    if (isEventTime && at.by() == By.SEQ) {
      decides = Position.NONE; // the times of the tokens that wait by number decide
    }
    into.decision(isEventTime ? Position.NONE : decides, isEventTime ? decides : Position.NONE);
  }
}
