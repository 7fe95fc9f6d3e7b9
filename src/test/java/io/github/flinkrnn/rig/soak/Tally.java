package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.rig.faults.Counts;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Which predictions arrived, with one bit per token and two numbers per key: which are lost,
 * repeated, or out of order. Not thread-safe.
 */
final class Tally {
  private final int[] first; // the bit of the first token of each key; at last, the number of bits
  private final BitSet seen;
  private final int[] last;
  private long duplicated;
  private long outOfOrder;
  private long different;

  /**
   * @param sent the number of tokens of each key; fewer than 2^31 in total
   */
  Tally(int[] sent) {
    first = new int[sent.length + 1];
    for (int key = 0; key < sent.length; key++) {
      first[key + 1] = Math.addExact(first[key], sent[key]);
    }
    seen = new BitSet(first[sent.length]);
    last = new int[sent.length];
  }

  /**
   * Adds a prediction that arrived, for the key with this number and its token with this {@code
   * seq}.
   *
   * @return whether it is a token of the key that comes after all that arrived before
   */
  boolean see(int key, long seq) {
    if (key < 0 || seq < 1 || seq > sent(key)) {
      different++; // not the prediction of a token that was sent
      return false;
    }
    int bit = first[key] + (int) (seq - 1);
    if (seen.get(bit)) {
      duplicated++;
      return false;
    }
    seen.set(bit);
    if (seq < last[key]) {
      outOfOrder++;
      return false;
    }
    last[key] = (int) seq;
    return true;
  }

  private int sent(int key) {
    return first[key + 1] - first[key];
  }

  /** The number of keys that have tokens. */
  int keys() {
    return (int) IntStream.range(0, last.length).filter(key -> sent(key) > 0).count();
  }

  /** Counts a prediction whose bytes differ from the reference. */
  void differs() {
    different++;
  }

  /** The errors, after all predictions have arrived. */
  Counts counts() {
    int tokens = first[last.length];
    return new Counts(tokens - seen.cardinality(), duplicated, outOfOrder, different);
  }
}
