package io.github.flinkrnn.operator;

/**
 * How far a key's tokens have been taken. A POJO to Flink, so that a later version can add to it.
 *
 * @param seq the number of the last token that was taken, or given up; {@link #NONE} for none yet
 * @param time the event time of the last token that was taken; {@link #NONE} for none yet
 * @param waiting how many tokens wait
 * @param deadline when one of them will have waited long enough, processing time; 0 for never
 * @param expires when this is forgotten unless a token comes; 0 for never
 */
public record Position(long seq, long time, int waiting, long deadline, long expires) {
  /** Below every number that a token can have been taken with. */
  static final long NONE = Long.MIN_VALUE;

  static final Position START = new Position(NONE, NONE, 0, 0, 0);

  Position at(long number) {
    return new Position(number, time, waiting, deadline, expires);
  }

  Position atTime(long moment) {
    return new Position(seq, moment, waiting, deadline, expires);
  }

  Position waiting(int tokens) {
    return new Position(seq, time, tokens, deadline, expires);
  }

  Position until(long moment) {
    return new Position(seq, time, waiting, moment, expires);
  }

  Position expiring(long moment) {
    return new Position(seq, time, waiting, deadline, moment);
  }
}
