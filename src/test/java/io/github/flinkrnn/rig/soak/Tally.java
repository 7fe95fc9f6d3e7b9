package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.rig.faults.Counts;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which predictions arrived, with one bit per token and one number per key: which are lost,
 * repeated, or out of order. Not thread-safe.
 */
final class Tally {
  private final int[] sent;
  private final BitSet seen = new BitSet();
  private final int[] last;
  private long duplicated;
  private long outOfOrder;
  private long different;

  /**
   * @param sent the number of tokens of each key
   */
  Tally(int[] sent) {
    this.sent = sent;
    this.last = new int[sent.length];
  }

  /**
   * Adds a prediction that arrived, for the key with this number and its token with this {@code
   * seq}.
   */
  void see(int key, long seq) {
    if (key < 0 || seq < 1 || seq > sent[key]) {
      different++; // not the prediction of a token that was sent
      return;
    }
    int bit = Math.toIntExact((seq - 1) * sent.length + key);
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

  /** Counts a prediction whose bytes differ from the reference. */
  void differs() {
    different++;
  }

  /** The errors, after all predictions have arrived. */
  Counts counts() {
    long tokens = Arrays.stream(sent).asLongStream().sum();
    return new Counts(tokens - seen.cardinality(), duplicated, outOfOrder, different);
  }
}
