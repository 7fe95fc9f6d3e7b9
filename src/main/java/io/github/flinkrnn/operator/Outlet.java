package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.streaming.api.TimerService;

/** Where things go while one record or timer of one key is looked at. */
interface Outlet {
  TimerService timers();

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
}
