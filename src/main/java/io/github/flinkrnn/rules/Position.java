package io.github.flinkrnn.rules;

import io.github.flinkrnn.rules.OrderOptions.By;
import org.apache.flink.annotation.PublicEvolving;

/**
 * How far the tokens of a key have been taken, and how many wait. Part of {@link SequenceState},
 * where it is null if the key needs none.
 *
 * @param seq the last number that was taken or skipped; {@link #NONE} for none
 * @param time the event time of the last token that was taken; {@link #NONE} for none
 * @param waiting how many tokens wait
 * @param by the order in which they wait; null if none waits
 * @param deadline when to skip the numbers that tokens wait for, in processing time; 0 for never
 * @param due the earliest event time of tokens that wait by time, or the event time of tokens that
 *     were taken ahead of the watermark; {@link #NONE} for none
 * @param forgets when {@code seq} and {@code time} are forgotten unless a token arrives; 0 for
 *     never
 * @param wakes when the timer of an idle timeout in event time fires; {@link #NONE} for never
 */
@PublicEvolving
public record Position(
    long seq, long time, int waiting, By by, long deadline, long due, long forgets, long wakes) {
  /** No number and no time. It is below those of every token that can be taken. */
  public static final long NONE = Long.MIN_VALUE;

  /** The position of a key without tokens. */
  public static final Position START = new Position(NONE, NONE, 0, null, 0, NONE, 0, NONE);

  Position at(long number) {
    return new Position(number, time, waiting, by, deadline, due, forgets, wakes);
  }

  Position atTime(long moment) {
    return new Position(seq, moment, waiting, by, deadline, due, forgets, wakes);
  }

  Position waiting(int tokens, By order) {
    return new Position(
        seq, time, tokens, tokens == 0 ? null : order, deadline, due, forgets, wakes);
  }

  /** With one waiting token fewer. */
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
