package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Token;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.streaming.api.TimerService;

/**
 * When the state of a silent key dies. In processing time the expiry is a multiple of a sixteenth
 * of the timeout (at least a millisecond), so that a busy key does not move its timer at every
 * token. In event time the expiry is exact, for the tokens' own times say which belong together,
 * whenever the timer fires; only the timer is set to such a multiple.
 *
 * @param millis 0 for never
 * @param inEventTime whether time is the tokens' own
 */
record IdleTimeout(long millis, boolean inEventTime) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int EXPIRIES_A_TIMEOUT = 16;
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofDays(36_500);

  /** The last moments of event time are those of the stream's end. */
  private static final long LATEST = Long.MAX_VALUE - 2;

  /** Zero, or from a millisecond to a hundred years. */
  static boolean isOne(Duration timeout) {
    return timeout.isZero() || (timeout.compareTo(MIN) >= 0 && timeout.compareTo(MAX) <= 0);
  }

  boolean isNever() {
    return millis == 0;
  }

  /** The time at which a token comes. */
  long now(Token token, TimerService timers) {
    if (isNever()) {
      return 0;
    }
    return inEventTime ? token.timestamp() : timers.currentProcessingTime();
  }

  /** When the state of a key dies whose token came now; 0 for never. */
  long expiry(long now) {
    if (isNever()) {
      return 0;
    }
    long exact = now > LATEST - millis ? LATEST : now + millis;
    if (inEventTime) {
      return exact == 0 ? 1 : exact; // 0 says never
    }
    return roundedUp(exact);
  }

  /** When the timer of such an expiry fires. */
  long timer(long expires) {
    return inEventTime && expires != 0 ? roundedUp(expires) : expires;
  }

  /**
   * When to look again after a timer that fired while tokens of the key wait; 0 at the end of event
   * time, where what waits is about to be taken.
   */
  long expiryAfter(long fired, TimerService timers) {
    if (inEventTime && fired >= LATEST) {
      return 0;
    }
    return expiry(
        Math.max(fired, inEventTime ? timers.currentWatermark() : timers.currentProcessingTime()));
  }

  private long roundedUp(long time) {
    long grain = Math.max(1, millis / EXPIRIES_A_TIMEOUT);
    return time > LATEST - grain ? LATEST : -Math.floorDiv(-time, grain) * grain;
  }

  /** Whether the timer is due but has not come to fire: a token was faster. */
  boolean isOver(long expires, long now) {
    return !isNever() && expires != 0 && expires <= now;
  }

  /**
   * Each key has the one timer that its state names, or none.
   *
   * @param used another use of the old timer, which leaves it where it is
   */
  void moveTimer(TimerService timers, long from, long to, boolean used) {
    long old = timer(from);
    long next = timer(to);
    if (old == next) {
      return;
    }
    if (old != 0 && !used) {
      if (inEventTime) {
        timers.deleteEventTimeTimer(old);
      } else {
        timers.deleteProcessingTimeTimer(old);
      }
    }
    if (next != 0) {
      if (inEventTime) {
        timers.registerEventTimeTimer(next);
      } else {
        timers.registerProcessingTimeTimer(next);
      }
    }
  }
}
