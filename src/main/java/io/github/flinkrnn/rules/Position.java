package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;

/**
 * How far the tokens of a key have been taken, and what of them waits. A section of {@link
 * SequenceState}; a key without an order has none.
 *
 * @param seq the number of the last token that was taken, or given up; {@link #NONE} for none yet
 * @param time the event time of the last token that was taken; {@link #NONE} for none yet
 * @param waiting how many tokens wait
 * @param by the order in which they wait; null where none does
 * @param deadline when the number before theirs is given up, processing time; 0 for never
 * @param due the earliest event time of those that wait by time, or of those that went ahead of the
 *     watermark; {@link #NONE} for none
 * @param forgets when the number and the time are forgotten unless a token comes; 0 for never
 * @param wakes the one event-time timer of silence, where silence is in event time; else {@link
 *     #NONE}
 */
public record Position(
    long seq, long time, int waiting, By by, long deadline, long due, long forgets, long wakes) {
  /** Below every number and every time that a token can have been taken with. */
  public static final long NONE = Long.MIN_VALUE;

  /** Of a key that has had no token. */
  public static final Position START = new Position(NONE, NONE, 0, null, 0, NONE, 0, NONE);

  Position at(long number) {
    return new Position(number, time, waiting, by, deadline, due, forgets, wakes);
  }

  Position atTime(long moment) {
    return new Position(seq, moment, waiting, by, deadline, due, forgets, wakes);
  }

  /** So many tokens wait in that order. */
  Position waiting(int tokens, By order) {
    return new Position(
        seq, time, tokens, tokens == 0 ? null : order, deadline, due, forgets, wakes);
  }

  /** One token fewer waits. */
  Position oneTaken() {
    return waiting(waiting - 1, by);
  }

  Position until(long moment) {
    return new Position(seq, time, waiting, by, moment, due, forgets, wakes);
  }

  Position due(long moment) {
    return new Position(seq, time, waiting, by, deadline, moment, forgets, wakes);
  }

  Position forgetting(long moment) {
    return new Position(seq, time, waiting, by, deadline, due, moment, wakes);
  }

  Position waking(long moment) {
    return moment == wakes
        ? this
        : new Position(seq, time, waiting, by, deadline, due, forgets, moment);
  }
}
