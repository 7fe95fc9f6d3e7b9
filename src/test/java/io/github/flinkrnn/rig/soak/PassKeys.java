package io.github.flinkrnn.rig.soak;

import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Pass after pass over the keys. Each pass has every key once, in an order of its own, so that no
 * cache can predict what comes next.
 */
record PassKeys(long seed, int keys) implements KeyOrder {
  @Override
  public IntSupplier start() {
    return new IntSupplier() {
      private final int[] order = order(0);
      private int pass;
      private int place;

      @Override
      public int getAsInt() {
        if (place == keys) {
          shuffle(order, ++pass); // in place, because a second array may need too much memory
          place = 0;
        }
        return order[place++];
      }
    };
  }

  /** The keys of a pass in the order of their tokens. */
  int[] order(int pass) {
    int[] order = new int[keys];
    shuffle(order, pass);
    return order;
  }

  private void shuffle(int[] order, int pass) {
    Random random = new Random(seed * 31 + pass);
    for (int i = 0; i < keys; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
  }

  /** None, because all keys are alike. */
  @Override
  public IntStream notable() {
    return IntStream.empty();
  }
}
