package io.github.flinkrnn.soak;

import io.github.flinkrnn.faults.Counts;
import java.util.BitSet;

/**
 * Which predictions came, a bit a token and a number a key: what is lost, came twice, or overtook
 * another of its key. Not thread-safe.
 */
final class Tally {
  private final long tokens;
  private final int keys;
  private final BitSet seen;
  private final int[] last;
  private long duplicated;
  private long outOfOrder;
  private long different;

  /**
   * @param tokens how many there were: the passes over the keys, the last of them cut short; which
   *     keys that one has does not matter, for each lacks at most its last token
   */
  Tally(long tokens, int keys) {
    this.tokens = tokens;
    this.keys = keys;
    this.seen = new BitSet();
    this.last = new int[keys];
  }

  /** A prediction that came, of the key of that number and its token of that {@code seq}. */
  void see(int key, long seq) {
    if (key < 0 || seq < 1 || seq > (tokens + keys - 1) / keys) {
      different++; // of no token that was sent
      return;
    }
    int bit = Math.toIntExact((seq - 1) * keys + key);
    if (seen.get(bit)) {
      duplicated++;
      return;
    }
    seen.set(bit);
    if (seq < last[key]) {
      outOfOrder++;
    } else {
      last[key] = (int) seq;
    }
  }

  /** A prediction whose bytes are not the reference's. */
  void differs() {
    different++;
  }

  /** What is wrong, now that all have come that will. */
  Counts counts() {
    return new Counts(tokens - seen.cardinality(), duplicated, outOfOrder, different);
  }
}
