package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/**
 * Gives each token its turn: in the order of arrival, of event time, or of the producer's numbers,
 * and without those that were there already. What has to be remembered of a key is its {@link
 * Position} and the tokens that wait.
 *
 * <p><b>When it dies.</b> What waits, at the latest with its deadline, its watermark or the end of
 * the stream. The position outlives the end of a sequence, because a repeated token may come after
 * it: it dies when the key was silent for the idle timeout, and is kept for ever without one. Where
 * only event time orders the tokens, the watermark knows all of it, and it dies as soon as nothing
 * waits.
 *
 * <p>Turns do not depend on what becomes of a step: all of an arrival's turns can be planned before
 * the first is computed.
 */
public abstract class TokenOrder {
  /** In event time, the last moment but one: after every token, and before the sequences' ends. */
  static final long INPUT_ENDS = Long.MAX_VALUE - 1;

  /** Where tokens of the current key wait. */
  public interface Store {
    WaitingTokens.ByNumber byNumber();

    WaitingTokens byTime();
  }

  final OrderOptions options;
  final Store store;
  final Clock clock;
  final Turns turns;
  private final IdleTimeout idle;

  TokenOrder(SequenceOptions sequence, Store store, Clock clock, Turns turns) {
    options = sequence.order();
    idle = IdleTimeout.of(sequence);
    this.store = store;
    this.clock = clock;
    this.turns = turns;
  }

  /** The order that the options ask for. */
  public static TokenOrder of(SequenceOptions options, Store store, Clock clock, Turns turns) {
    return switch (options.order().by()) {
      case ARRIVAL -> new ArrivalOrder(options, store, clock, turns);
      case TIMESTAMP -> new TimestampOrder(options, store, clock, turns);
      case SEQ -> new NumberOrder(options, store, clock, turns);
    };
  }

  /** Whether the token has what the order goes by; it is rejected otherwise. */
  public final boolean accepts(Token token) {
    if (!options.deduplicate() && options.by() != By.SEQ) {
      return true;
    }
    if (token.seq() == null) {
      turns.reject(
          token, Reason.MISSING_FIELD, "seq: expected a number, because the job asks for it");
      return false;
    }
    if (token.seq() == Position.NONE) {
      turns.reject(token, Reason.WRONG_TYPE, "seq: expected a number above -2^63");
      return false;
    }
    return true;
  }

  /** Whether tokens in that position may be taken as they come, with nothing to remember. */
  public final boolean isPlain(Position position) {
    return options.isPlain() && position.waiting() == 0;
  }

  /**
   * A token of the current key has come.
   *
   * @param kept its position
   * @return its position from now on
   */
  public final Position arrive(Token token, Position kept) throws Exception {
    long now = idle.now(token, clock);
    boolean over = kept.waiting() == 0 && idle.isOver(kept.forgets(), now);
    Position before = over ? Position.START.waking(kept.wakes()) : withoutLeft(kept);
    Position after = take(token, before);
    boolean isSame = after.equals(kept) && isWorthKeeping(kept);
    return isSame ? kept : remembered(after, idle.expiry(now, before.forgets()));
  }

  /** A timer of the current key has fired; it may belong to something else. */
  public final Position onTimer(long time, boolean eventTime, Position kept) throws Exception {
    Position after = fire(time, eventTime, withoutLeft(kept));
    if (after.equals(kept)) {
      return isWorthKeeping(kept) ? kept : remembered(kept, 0);
    }
    if (idle.inEventTime() && !eventTime) {
      return remembered(after, after.forgets()); // what was taken came at its own time
    }
    long now = idle.inEventTime() ? time : clock.processingTime();
    return remembered(after, idle.expiry(now, after.forgets()));
  }

  private Position remembered(Position after, long forgets) {
    Position nothing = Position.START.waking(after.wakes());
    boolean saysNothing = after.forgetting(0).equals(nothing);
    return saysNothing || !isWorthKeeping(after) ? nothing : after.forgetting(forgets);
  }

  /**
   * Takes what waited when the job had another order, before the key's next token or at its next
   * timer, whichever comes first: today's order may have neither the timer nor the number or time
   * that they wait for.
   */
  private Position withoutLeft(Position kept) throws Exception {
    Position position =
        kept.due() == Position.NONE || options.by() == By.TIMESTAMP
            ? kept
            : kept.due(Position.NONE);
    if (kept.waiting() == 0 || kept.by() == options.by()) {
      return position;
    }
    WaitingTokens left = kept.by() == By.SEQ ? store.byNumber() : store.byTime();
    position = position.until(0).due(Position.NONE);
    for (Long place = left.first(); place != null; place = left.first()) {
      for (Token token : TimestampOrder.inOrder(left.take(place))) {
        position = position.oneTaken();
        if (token.seq() == null) {
          turns.step(token, false);
        } else if (!isDuplicate(token, position)) {
          turns.step(token, false);
          position = position.at(Math.max(position.seq(), token.seq()));
        }
      }
    }
    return position;
  }

  abstract Position take(Token token, Position before) throws Exception;

  abstract Position fire(long time, boolean eventTime, Position before) throws Exception;

  abstract boolean isWorthKeeping(Position after);

  /** Whether the token's number says that it was taken already; it is counted then. */
  final boolean isDuplicate(Token token, Position before) {
    if (options.deduplicate() && token.seq() != null && token.seq() <= before.seq()) {
      turns.duplicate();
      return true;
    }
    return false;
  }

  /**
   * The position after the token, where its number matters. One that waited when the job did not
   * ask for numbers may have none.
   */
  final Position after(Token token, Position before) {
    return options.deduplicate() && token.seq() != null ? before.at(token.seq()) : before;
  }
}
