package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import java.time.Duration;

/**
 * When the sequence of a silent key ends and its position is forgotten. In processing time, the
 * expiry is rounded up to a multiple of a sixteenth of the timeout (at least a millisecond), so
 * that a busy key does not move its timer at every token. In event time, the expiry is exact,
 * because it decides which tokens belong to the sequence; only the timer is rounded up.
 *
 * @param millis the timeout in milliseconds; 0 for never
 * @param inEventTime whether the timeout is in event time; otherwise it is in processing time
 */
record IdleTimeout(long millis, boolean inEventTime) {
  private static final int EXPIRIES_A_TIMEOUT = 16;
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofDays(36_500);

  /** The last two values of event time are reserved for the end of the stream. */
  private static final long LATEST = Long.MAX_VALUE - 2;

  static IdleTimeout of(SequenceOptions options) {
    return new IdleTimeout(options.idleTimeout().toMillis(), options.idleInEventTime());
  }

  /** When undecided tokens of a silent key are decided. */
  static IdleTimeout ofDecision(SequenceOptions options) {
    LookAhead lookAhead = options.lookAhead();
    return new IdleTimeout(
        lookAhead == null ? 0 : lookAhead.timeout().toMillis(), options.idleInEventTime());
  }

  /** Whether a timeout is zero, or from a millisecond to a hundred years. */
  static boolean isOne(Duration timeout) {
    return timeout.isZero() || (timeout.compareTo(MIN) >= 0 && timeout.compareTo(MAX) <= 0);
  }

  boolean isNever() {
    return millis == 0;
  }

  /** The time of a token's arrival: event time or processing time. */
  long now(Token token, Clock clock) {
    if (isNever()) {
      return 0;
    }
    return inEventTime ? token.timestamp() : clock.processingTime();
  }

  /** The time now, without a token. */
  long now(Clock clock) {
    return inEventTime ? clock.watermark() : clock.processingTime();
  }

  /**
   * When undecided tokens are decided: rounded up in both kinds of time, because their timer fires
   * at exactly this time. 0 for never.
   *
   * @param before the deadline so far; 0 for none. In event time, an out-of-order token does not
   *     move it back
   */
  long deadline(long now, long before) {
    if (isNever()) {
      return 0;
    }
    long deadline = timer(expiry(now));
    if (inEventTime && before != 0) {
      deadline = Math.max(deadline, before);
    }
    return deadline == 0 ? 1 : deadline;
  }

  /** The next deadline in processing time after a timer that fired while tokens of the key wait. */
  long deadlineAfter(long fired, Clock clock) {
    return deadline(Math.max(fired, clock.processingTime()), 0);
  }

  /** When the sequence of a token that arrives now expires; 0 for never. */
  long expiry(long now) {
    if (isNever()) {
      return 0;
    }
    long exact = now > LATEST - millis ? LATEST : now + millis;
    if (inEventTime) {
      return exact == 0 ? 1 : exact; // 0 means never
    }
    return roundedUp(exact);
  }

  /** The next expiry. In event time, an out-of-order token does not move it back. */
  long expiry(long now, long before) {
    long expiry = expiry(now);
    return inEventTime && before != 0 ? Math.max(expiry, before) : expiry;
  }

  /** When the timer for an expiry fires. */
  long timer(long expires) {
    return inEventTime ? roundedUp(expires) : expires;
  }

  /**
   * The next expiry after a timer that fired while tokens of the key wait; 0 at the end of event
   * time, when all waiting tokens are about to be taken.
   */
  long expiryAfter(long fired, Clock clock) {
    if (inEventTime && fired >= LATEST) {
      return 0;
    }
    return expiry(Math.max(fired, now(clock)));
  }

  private long roundedUp(long time) {
    long grain = Math.max(1, millis / EXPIRIES_A_TIMEOUT);
    return time > LATEST - grain ? LATEST : -Math.floorDiv(-time, grain) * grain;
  }

  /** Whether an expiry has passed. Its timer may not have fired yet. */
  boolean isOver(long expires, long now) {
    return !isNever() && expires != 0 && expires <= now;
  }
}
