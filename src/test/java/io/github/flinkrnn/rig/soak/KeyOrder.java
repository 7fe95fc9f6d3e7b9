package io.github.flinkrnn.rig.soak;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Which key each token of a run has: a function of the seed. Keys are numbered from 0. */
interface KeyOrder {
  long seed();

  /** The number of keys. Not every one needs to have a token. */
  int keys();

  /** The keys of the tokens, beginning with the first token, without end. */
  IntSupplier start();

  /** The keys that every sample contains, if they have tokens. */
  IntStream notable();

  /** The number of tokens of each key, if there are {@code tokens} in total. */
  default int[] counts(long tokens) {
    int[] counts = new int[keys()];
    IntSupplier next = start();
    for (long i = 0; i < tokens; i++) {
      counts[next.getAsInt()]++;
    }
    return counts;
  }

  /**
   * Chooses keys whose predictions are compared bit for bit: first the notable ones, then random
   * ones. Each has tokens, and none is chosen twice.
   *
   * @param most how many there are, unless fewer keys have tokens
   * @param counts the number of tokens of each key
   */
  default int[] sample(int most, int[] counts) {
    long withTokens = Arrays.stream(counts).filter(count -> count > 0).count();
    return IntStream.concat(notable(), new Random(~seed()).ints(0, keys()))
        .filter(key -> counts[key] > 0)
        .distinct()
        .limit(Math.min(most, withTokens))
        .toArray();
  }
}
