package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/** Receives and counts the results of one call, for one token or timer of a key. */
@Internal
public interface Outlet {
  void emit(Prediction prediction);

  void reject(Token token, Reason reason, String detail);

  /** Whether the ends of sequences are emitted. */
  boolean tellsEnds();

  /**
   * A sequence of the key has ended after t steps.
   *
   * @param time the timestamp of the record of its last token; 0 if unknown
   * @param isKeyed whether the key is made of the bytes of that record's key
   */
  void ended(String key, long t, EndReason why, long time, boolean isKeyed);

  /** A sequence has begun. */
  void started();

  /**
   * A step has been taken.
   *
   * @param marks what is counted of the fields of its token, as in {@link FieldEncoder#marks}
   */
  void stepped(byte[] marks);

  /** There was a gap before the next token. */
  void gap();

  /** A duplicate was dropped. */
  void duplicate();

  /** The clock at the beginning of steps that are computed together; 0 if they are not timed. */
  long stepsBegin();

  /**
   * @param steps how many
   */
  void stepsEnd(long begun, int steps);
}
