package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/**
 * Decides when each token is taken: in the order of arrival, of event time, or of the producer's
 * numbers, and without duplicates. The state of a key is its {@link Position} and its waiting
 * tokens.
 *
 * <p><b>Lifetime.</b> A token waits at most until its deadline (order by number), until the
 * watermark reaches its time (order by event time), or until the end of the stream. The position
 * outlives the end of a sequence, because a duplicate may arrive after it. It is forgotten after
 * the idle timeout, or kept forever if there is none. With order by event time and without
 * deduplication, the watermark replaces the position. The position is then dropped when no token
 * waits and the watermark has reached its time.
 *
 * <p>The turns do not depend on the results of the steps: all turns of an arrival can be planned
 * before the first step is computed.
 */
@Internal
public abstract class TokenOrder {
  /** The second-to-last event time: after every token, and before sequences end. */
  static final long INPUT_ENDS = Long.MAX_VALUE - 1;

  /** The waiting tokens of the current key. */
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

  /** The order that the options choose. */
  public static TokenOrder of(SequenceOptions options, Store store, Clock clock, Turns turns) {
    return switch (options.order().by()) {
      case ARRIVAL -> new ArrivalOrder(options, store, clock, turns);
      case TIMESTAMP -> new TimestampOrder(options, store, clock, turns);
      case SEQ -> new NumberOrder(options, store, clock, turns);
    };
  }

  /** Whether the token has the fields that the order needs; otherwise it is rejected. */
  public final boolean accepts(Token token) {
    if (!options.deduplicate() && options.by() != By.SEQ) {
      return true;
    }
    if (token.seq() == null) {
      turns.reject(
          token, Reason.MISSING_FIELD, "seq: missing: expected an integer, which this job needs");
      return false;
    }
    if (token.seq() == Position.NONE) {
      turns.reject(token, Reason.WRONG_TYPE, "seq: expected more than -2^63, found -2^63");
      return false;
    }
    return true;
  }

  /** Whether tokens are taken as they arrive, without a position. */
  public final boolean isPlain(Position position) {
    return options.isPlain() && position.waiting() == 0;
  }

  /**
   * Handles a token of the current key.
   *
   * @param kept the key's position
   * @return the key's new position
   */
  public final Position arrive(Token token, Position kept) throws Exception {
    long now = idle.now(token, clock);
    boolean over = kept.waiting() == 0 && idle.isOver(kept.forgets(), now);
    Position before = over ? Position.START.waking(kept.wakes()) : withoutLeft(kept);
    Position after = take(token, before);
    boolean isSame = after.equals(kept) && isWorthKeeping(kept);
    return isSame ? kept : remembered(after, idle.expiry(now, before.forgets()));
  }

  /** Handles a timer of the current key. The timer may belong to something else. */
  public final Position onTimer(long time, boolean eventTime, Position kept) throws Exception {
    Position after = fire(time, eventTime, withoutLeft(kept));
    if (after.equals(kept)) {
      return isWorthKeeping(kept) ? kept : remembered(kept, 0);
    }
    if (idle.inEventTime() && !eventTime) {
      return remembered(after, after.forgets()); // arrive has used the tokens' event times
    }
    long now = idle.inEventTime() ? time : clock.processingTime();
    return remembered(after, idle.expiry(now, after.forgets()));
  }

  /**
   * Takes all waiting tokens of the current key, before its state is removed.
   *
   * @return the position of a key without tokens
   */
  public final Position drain(Position kept) throws Exception {
    Position position = withoutLeft(kept);
    if (position.waiting() > 0) {
      takeAll(position);
    }
    return Position.START;
  }

  private Position remembered(Position after, long forgets) {
    Position nothing = Position.START.waking(after.wakes());
    boolean saysNothing = after.forgetting(0).equals(nothing);
    return saysNothing || !isWorthKeeping(after) ? nothing : after.forgetting(forgets);
  }

  /**
   * Takes the tokens that still wait in another order, because the job had that order before. This
   * happens before the key's next token or at its next timer. The current order may have no timer
   * for such tokens, and they may lack the number or the time that it needs.
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

  /** Takes all waiting tokens, at least one. */
  abstract Position takeAll(Position before) throws Exception;

  abstract boolean isWorthKeeping(Position after);

  /** Whether the token is a duplicate by its number; duplicates are counted. */
  final boolean isDuplicate(Token token, Position before) {
    if (options.deduplicate() && token.seq() != null && token.seq() <= before.seq()) {
      turns.duplicate();
      return true;
    }
    return false;
  }

  /**
   * The position after the token. A token that waited before the job needed numbers may have none.
   */
  final Position after(Token token, Position before) {
    return options.deduplicate() && token.seq() != null ? before.at(token.seq()) : before;
  }
}
