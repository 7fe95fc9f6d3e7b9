package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;

/** Takes tokens as they arrive. With {@code deduplicate}, takes each number only once. */
final class ArrivalOrder extends TokenOrder {
  ArrivalOrder(SequenceOptions options, Store store, Clock clock, Turns turns) {
    super(options, store, clock, turns);
  }

  @Override
  Position take(Token token, Position before) throws Exception {
    if (isDuplicate(token, before)) {
      return before;
    }
    turns.step(token, false);
    return after(token, before);
  }

  @Override
  Position fire(long time, boolean eventTime, Position before) {
    return before;
  }

  @Override
  Position takeAll(Position before) {
    return before; // tokens of another order were taken before
  }

  @Override
  boolean isWorthKeeping(Position after) {
    return options.deduplicate();
  }
}
