package io.github.flinkrnn.operator;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The lifetime rules of a sequence, as the Javadoc of {@link RnnFunction} gives them, in plain
 * Java: the t of each token, the keys with state, and the counts.
 */
final class SequenceRules {
  private record Sequence(long t, long expires) {}

  private final long timeout;
  private final Map<String, Sequence> kept = new HashMap<>();
  long now;
  long started;
  long ended;
  long expired;

  SequenceRules(long timeout) {
    this.timeout = timeout;
  }

  /** Advances the clock and fires timers. */
  void time(long moment) {
    now = moment;
    for (Iterator<Sequence> all = kept.values().iterator(); all.hasNext(); ) {
      if (all.next().expires() <= now) {
        all.remove();
        expired++;
      }
    }
  }

  /** The job was down until this moment. No timer has fired yet. */
  void wakeAt(long moment) {
    now = moment;
  }

  /** The t of a token that the model can read. */
  long token(String key, boolean start, boolean end) {
    Sequence before = kept.remove(key);
    boolean tooLate = before != null && before.expires() <= now;
    if (tooLate) {
      expired++;
    } else if (before != null && start) {
      ended++;
    }
    boolean goesOn = before != null && !tooLate && !start;
    long t = goesOn ? before.t() + 1 : 1;
    if (!goesOn) {
      started++;
    }
    if (end) {
      ended++;
    } else {
      kept.put(key, new Sequence(t, expiry()));
    }
    return t;
  }

  /** How many keys have state, which is also the number of timers. */
  int held() {
    return kept.size();
  }

  // Counts up, so that it does not repeat the rounding of the code under test.
  private long expiry() {
    long grain = timeout / 16;
    long expires = (now + timeout) / grain * grain;
    while (expires < now + timeout) {
      expires += grain;
    }
    return expires;
  }
}
