package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.Comparator;
import java.util.List;

/**
 * Takes tokens by event time: each waits until the watermark reaches its time. Tokens with the same
 * time are taken by number if all have one, otherwise in the order of arrival. A token that is not
 * after the watermark is late. If too many tokens or bytes wait, those with the earliest time are
 * taken ahead of the watermark. After that, a token with an earlier time is late.
 */
final class TimestampOrder extends TokenOrder {
  TimestampOrder(SequenceOptions options, Store store, Clock clock, Turns turns) {
    super(options, store, clock, turns);
  }

  @Override
  Position take(Token token, Position before) throws Exception {
    if (isDuplicate(token, before)) {
      return before;
    }
    long time = token.timestamp();
    if (time <= clock.watermark() || time < before.time()) {
      long least = Math.max(clock.watermark() + 1, before.time());
      turns.reject(token, Reason.LATE, "timestamp: expected at least " + least + ", found " + time);
      return before;
    }
    WaitingTokens waiting = store.byTime();
    waiting.add(token, time, clock.processingTime());
    Position after = before.waiting(before.waiting() + 1, By.TIMESTAMP);
    after = before.waiting() == 0 || time < before.due() ? after.due(time) : after;
    while (after.waiting() > options.maxBuffered()
        || waiting.bytes() > OrderOptions.MAX_WAITING_BYTES) {
      after = settled(takeThoseOf(waiting.first(), after));
    }
    return after;
  }

  @Override
  Position fire(long time, boolean eventTime, Position before) throws Exception {
    if (!eventTime || before.due() == Position.NONE || before.due() > time) {
      return before;
    }
    return settled(before.waiting() > 0 ? takeThoseOf(before.due(), before) : before);
  }

  private Position takeThoseOf(long time, Position before) throws Exception {
    List<Token> together = inOrder(store.byTime().take(time));
    Position position =
        before.waiting(before.waiting() - together.size(), By.TIMESTAMP).atTime(time);
    for (Token token : together) {
      if (!isDuplicate(token, position)) {
        turns.step(token, false);
        position = after(token, position);
      }
    }
    return position;
  }

  /** Tokens with the same time: by number if all have one, otherwise in the order of arrival. */
  static List<Token> inOrder(List<Token> arrived) {
    if (arrived.size() < 2 || arrived.stream().anyMatch(token -> token.seq() == null)) {
      return arrived;
    }
    return arrived.stream().sorted(Comparator.comparing(Token::seq)).toList(); // stable
  }

  /** Remembers the time of tokens taken ahead of the watermark until the watermark reaches it. */
  private Position settled(Position before) throws Exception {
    if (before.waiting() > 0) {
      return before.due(store.byTime().first());
    }
    return before.due(before.time() > clock.watermark() ? before.time() : Position.NONE);
  }

  @Override
  Position takeAll(Position before) throws Exception {
    Position position = before;
    while (position.waiting() > 0) {
      position = takeThoseOf(store.byTime().first(), position);
    }
    return position;
  }

  @Override
  boolean isWorthKeeping(Position after) {
    return options.deduplicate() || after.due() != Position.NONE;
  }
}
