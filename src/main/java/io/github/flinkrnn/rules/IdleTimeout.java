package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import java.time.Duration;

/**
 * When the sequence of a silent key ends, and its position is forgotten. In processing time the
 * expiry is a multiple of a sixteenth of the timeout (at least a millisecond), so that a busy key
 * does not move its timer at every token. In event time the expiry is exact, because the tokens'
 * own times say which belong together, whenever the timer fires; only the timer is set to such a
 * multiple.
 *
 * @param millis 0 for never
 * @param inEventTime whether time is the tokens' own
 */
record IdleTimeout(long millis, boolean inEventTime) {
  private static final int EXPIRIES_A_TIMEOUT = 16;
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofDays(36_500);

  /** The last moments of event time are those of the stream's end. */
  private static final long LATEST = Long.MAX_VALUE - 2;

  static IdleTimeout of(SequenceOptions options) {
    return new IdleTimeout(options.idleTimeout().toMillis(), options.idleInEventTime());
  }

  /** Zero, or from a millisecond to a hundred years. */
  static boolean isOne(Duration timeout) {
    return timeout.isZero() || (timeout.compareTo(MIN) >= 0 && timeout.compareTo(MAX) <= 0);
  }

  boolean isNever() {
    return millis == 0;
  }

  /** The time at which a token comes. */
  long now(Token token, Clock clock) {
    if (isNever()) {
      return 0;
    }
    return inEventTime ? token.timestamp() : clock.processingTime();
  }

  /** When that ends which a token that comes now belongs to; 0 for never. */
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

  /** In event time a token may come after one with a later time: the latest of them counts. */
  long expiry(long now, long before) {
    long expiry = expiry(now);
    return inEventTime && before != 0 ? Math.max(expiry, before) : expiry;
  }

  /** When to look whether such an expiry is over. */
  long timer(long expires) {
    return inEventTime ? roundedUp(expires) : expires;
  }

  /**
   * When to look again after a timer that fired while tokens of the key wait; 0 at the end of event
   * time, where what waits is about to be taken.
   */
  long expiryAfter(long fired, Clock clock) {
    if (inEventTime && fired >= LATEST) {
      return 0;
    }
    return expiry(Math.max(fired, inEventTime ? clock.watermark() : clock.processingTime()));
  }

  private long roundedUp(long time) {
    long grain = Math.max(1, millis / EXPIRIES_A_TIMEOUT);
    return time > LATEST - grain ? LATEST : -Math.floorDiv(-time, grain) * grain;
  }

  /** Whether it is over, although no timer may have fired yet: a token was faster. */
  boolean isOver(long expires, long now) {
    return !isNever() && expires != 0 && expires <= now;
  }
}
