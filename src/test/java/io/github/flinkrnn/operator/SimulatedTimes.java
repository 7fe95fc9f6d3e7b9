package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.sequence.Token;

/** When timeouts end, as {@link SimulationReference} expects it. */
final class SimulatedTimes {
  static final long LATEST = Long.MAX_VALUE - 2; // of a token; after it the stream ends

  private final Setup setup;

  SimulatedTimes(Setup setup) {
    this.setup = setup;
  }

  boolean idles() {
    return !setup.sequence().idleTimeout().isZero();
  }

  boolean byEvents() {
    return setup.sequence().idleInEventTime();
  }

  /** Counts up, so that it does not repeat the arithmetic of the code under test. */
  long rounded(long time) {
    if (time >= LATEST - 1000) {
      return LATEST;
    }
    long grain = setup.sequence().idleTimeout().toMillis() / 16;
    long up = time - Math.floorMod(time, grain);
    return up == time ? time : up + grain;
  }

  long expiry(long moment) {
    if (!idles()) {
      return 0;
    }
    long timeout = setup.sequence().idleTimeout().toMillis();
    long exact = moment > LATEST - timeout ? LATEST : moment + timeout;
    return byEvents() ? exact : rounded(exact);
  }

  long decisionTimeout() {
    return looksAhead() ? setup.sequence().lookAhead().timeout().toMillis() : 0;
  }

  boolean looksAhead() {
    return setup.sequence().lookAhead() != null;
  }

  /** At least the timeout later, at a multiple of its sixteenth. */
  long decision(long moment) {
    long timeout = decisionTimeout();
    if (timeout == 0) {
      return 0;
    }
    long grain = timeout / 16;
    if (moment > LATEST - timeout - grain) {
      return LATEST;
    }
    long up = moment + timeout;
    while (Math.floorMod(up, grain) != 0) {
      up++;
    }
    return up;
  }

  long timer(long expires) {
    return byEvents() ? rounded(expires) : expires;
  }

  long moment(Token token, long now) {
    return !idles() ? 0 : byEvents() ? token.timestamp() : now;
  }

  boolean isOver(long expires, long moment) {
    return idles() && expires != 0 && expires <= moment;
  }
}
