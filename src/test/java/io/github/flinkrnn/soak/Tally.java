package io.github.flinkrnn.soak;

import io.github.flinkrnn.faults.Counts;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which predictions came, a bit a token and a number a key: what is lost, came twice, or overtook
 * another of its key. Not thread-safe.
 */
final class Tally {
  private final int[] sent;
  private final BitSet seen = new BitSet();
  private final int[] last;
  private long duplicated;
  private long outOfOrder;
  private long different;

  /**
   * @param sent how many tokens each key had
   */
  Tally(int[] sent) {
    this.sent = sent;
    this.last = new int[sent.length];
  }

  /** A prediction that came, of the key of that number and its token of that {@code seq}. */
  void see(int key, long seq) {
    if (key < 0 || seq < 1 || seq > sent[key]) {
      different++; // of no token that was sent
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

  /** A prediction whose bytes are not the reference's. */
  void differs() {
    different++;
  }

  /** What is wrong, now that all have come that will. */
  Counts counts() {
    long tokens = Arrays.stream(sent).asLongStream().sum();
    return new Counts(tokens - seen.cardinality(), duplicated, outOfOrder, different);
  }
}
