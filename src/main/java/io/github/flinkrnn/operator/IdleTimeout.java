package io.github.flinkrnn.operator;

import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.streaming.api.TimerService;

/**
 * When the state of a silent key dies, in processing time. The expiry is a multiple of a sixteenth
 * of the timeout (at least a millisecond), so that a busy key does not move its timer at every
 * token.
 *
 * @param millis 0 for never
 */
record IdleTimeout(long millis) implements Serializable {
  static final IdleTimeout NEVER = new IdleTimeout(0);

  private static final long serialVersionUID = 1L;
  private static final int EXPIRIES_A_TIMEOUT = 16;
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofDays(36_500);

  /** Zero, or from a millisecond to a hundred years. */
  static boolean isOne(Duration timeout) {
    return timeout.isZero() || (timeout.compareTo(MIN) >= 0 && timeout.compareTo(MAX) <= 0);
  }

  boolean isNever() {
    return millis == 0;
  }

  /** When the state of a key dies whose token came now; 0 for never. */
  long expiry(long now) {
    if (isNever()) {
      return 0;
    }
    long grain = Math.max(1, millis / EXPIRIES_A_TIMEOUT);
    return (now + millis + grain - 1) / grain * grain;
  }

  /** Whether the timer is due but has not come to fire: a token was faster. */
  boolean isOver(long expires, long now) {
    return !isNever() && expires != 0 && expires <= now;
  }

  /** Each key has the one timer that its state names, or none. */
  static void moveTimer(TimerService timers, long from, long to) {
    if (from != to) {
      if (from != 0) {
        timers.deleteProcessingTimeTimer(from);
      }
      if (to != 0) {
        timers.registerProcessingTimeTimer(to);
      }
    }
  }
}
