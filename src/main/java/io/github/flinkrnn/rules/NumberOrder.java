package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/**
 * Takes tokens in the order of {@code seq}, their producer's numbers. A token waits for all smaller
 * numbers, up to a maximum time and a maximum number of waiting tokens. Then the missing numbers
 * are skipped. A token whose number is not above the last one taken or skipped is late.
 *
 * <p>If the first number is configured, the first token of a key is the one with that number.
 * Otherwise, a first token with {@code start} or with number 0 is taken at once, and any other
 * first token waits for smaller numbers. Without {@code deduplicate}, a late token with {@code
 * start} restarts the numbering.
 */
final class NumberOrder extends TokenOrder {
  private final long maxWait;

  NumberOrder(SequenceOptions options, Store store, Clock clock, Turns turns) {
    super(options, store, clock, turns);
    maxWait = options.order().maxWait().toMillis();
  }

  @Override
  Position take(Token token, Position found) throws Exception {
    Position kept = withoutThoseBeforeTheFirst(found);
    Position before = kept;
    if (before.seq() == Position.NONE && options.firstSeq() != null) {
      before = before.at(options.firstSeq() - 1);
    }
    long seq = token.seq();
    if (before.seq() != Position.NONE && seq <= before.seq()) {
      if (isDuplicate(token, before)) {
        return kept;
      }
      if (!token.start()) {
        String detail = "seq: expected more than " + before.seq() + ", found " + seq;
        turns.reject(token, Reason.LATE, detail);
        return kept;
      }
      before = takeAll(Long.MAX_VALUE, before).at(seq - 1);
    }
    boolean begins = before.seq() == Position.NONE && before.waiting() == 0 && isFirst(token);
    if (begins || (before.seq() != Position.NONE && seq == before.seq() + 1)) {
      turns.step(token, false);
      return goOn(before.at(seq));
    }
    if (before.waiting() > 0 && store.byNumber().contains(seq)) {
      if (options.deduplicate()) {
        turns.duplicate();
      } else {
        turns.reject(token, Reason.LATE, "seq: a token with " + seq + " is already waiting");
      }
      return kept;
    }
    return await(token, before);
  }

  /**
   * Takes waiting tokens below the first number. They arrived when that option was absent or
   * smaller.
   */
  private Position withoutThoseBeforeTheFirst(Position found) throws Exception {
    if (options.firstSeq() == null || found.seq() != Position.NONE || found.waiting() == 0) {
      return found;
    }
    Position after = takeAll(options.firstSeq() - 1, found);
    return after.seq() == Position.NONE ? found : after.at(options.firstSeq() - 1);
  }

  private static boolean isFirst(Token token) {
    return token.start() || token.seq() == 0;
  }

  private Position await(Token token, Position before) throws Exception {
    WaitingTokens.ByNumber waiting = store.byNumber();
    long now = clock.processingTime();
    waiting.add(token, token.seq(), now);
    Position after = before.waiting(before.waiting() + 1, By.SEQ);
    if (before.waiting() == 0) {
      after = after.until(deadline(now));
    }
    if (after.waiting() > options.maxBuffered()
        || waiting.bytes() > OrderOptions.MAX_WAITING_BYTES) {
      do {
        long first = waiting.first();
        after = goOn(take(first, first, after));
      } while (waiting.bytes() > OrderOptions.MAX_WAITING_BYTES);
      after = settled(after);
    }
    return after;
  }

  /** Takes waiting tokens as long as their numbers are consecutive. */
  private Position goOn(Position before) throws Exception {
    Position position = before;
    while (position.waiting() > 0 && store.byNumber().contains(position.seq() + 1)) {
      long next = position.seq() + 1;
      turns.step(taken(next), false);
      position = position.at(next).oneTaken();
    }
    return position.waiting() == 0 ? position.until(0) : position;
  }

  private Token taken(long number) throws Exception {
    return store.byNumber().take(number).get(0);
  }

  @Override
  Position fire(long time, boolean eventTime, Position before) throws Exception {
    if (before.waiting() == 0) {
      return before;
    }
    if (eventTime) {
      return time == INPUT_ENDS ? takeAll(Long.MAX_VALUE, before) : before;
    }
    if (before.deadline() == 0 || before.deadline() > time) {
      return before;
    }
    long last = store.byNumber().lastBy(time - maxWait);
    return settled(last == Position.NONE ? before : goOn(takeAll(last, before)));
  }

  /** Takes all waiting tokens up to a number, and skips missing numbers. */
  private Position takeAll(long last, Position before) throws Exception {
    return before.waiting() == 0 ? before : take(store.byNumber().first(), last, before);
  }

  /**
   * @param first the smallest waiting number; null for none
   */
  private Position take(Long first, long last, Position before) throws Exception {
    Position position = before;
    boolean rejecting = false;
    for (Long number = first;
        number != null && number <= last;
        number = number == last ? null : store.byNumber().first()) {
      boolean gap = position.seq() != Position.NONE && number != position.seq() + 1;
      if (gap) {
        turns.gap();
        rejecting = options.onGap() == OnGap.REJECT;
      }
      Token token = taken(number);
      if (rejecting) {
        turns.reject(token, Reason.GAP, "seq: " + number + " follows a gap");
      } else {
        turns.step(token, gap && options.onGap() == OnGap.RESTART);
      }
      position = position.at(number).oneTaken();
    }
    return position.waiting() == 0 ? position.until(0) : position;
  }

  /** Sets the deadline to that of the token that waits longest. */
  private Position settled(Position before) throws Exception {
    return before.until(before.waiting() == 0 ? 0 : deadline(store.byNumber().since()));
  }

  /** In SQL, the clock is event time, so the deadline may be 0, which means never. */
  private long deadline(long since) {
    long exact = since + maxWait;
    return exact == 0 ? 1 : exact;
  }

  @Override
  Position takeAll(Position before) throws Exception {
    return takeAll(Long.MAX_VALUE, before);
  }

  @Override
  boolean isWorthKeeping(Position after) {
    return true;
  }
}
