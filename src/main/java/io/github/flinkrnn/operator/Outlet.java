package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/** Where things go, and are counted, while one token or timer of one key is looked at. */
interface Outlet {
  void emit(Prediction prediction);

  void reject(Token token, Reason reason, String detail);

  /** Whether somebody wants to know of the ends of sequences. */
  boolean tellsEnds();

  /**
   * A sequence of the key has ended after t steps.
   *
   * @param time of the record of its last token; 0 where it is not known
   */
  void ended(String key, long t, EndReason why, long time);

  /** A sequence has begun. */
  void started();

  /** A step has been taken. */
  void stepped();

  /** Tokens that should have come before the next one never came. */
  void gap();

  /** A token that its sequence has had already was dropped. */
  void duplicate();

  /** The clock at the beginning of a computation, or 0 where it is not timed. */
  long stepBegins();

  void stepEnds(long begun);
}
