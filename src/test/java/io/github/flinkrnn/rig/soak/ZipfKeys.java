package io.github.flinkrnn.rig.soak;

import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Keys by Zipf's law with the exponent 1: the k-th most frequent key, which has the rank k, has 1/k
 * as many tokens as the first.
 *
 * <p>The ranks are drawn by rejection-inversion, which needs no table: W. Hörmann and G.
 * Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM
 * Transactions on Modeling and Computer Simulation 6(3), 1996, pages 169 to 184. For the exponent
 * 1, its function H, the integral of 1/x, is the natural logarithm. {@link StrictMath} has the same
 * bits on every machine.
 */
record ZipfKeys(long seed, int keys) implements KeyOrder {
  /** A prime larger than any number of keys, so that each rank has a key of its own. */
  private static final long STRIDE = 618_618_617;

  @Override
  public IntSupplier start() {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> key(rank(random));
  }

  private int rank(SplittableRandom random) {
    double from = StrictMath.log(1.5) - 1;
    double to = StrictMath.log(keys + 0.5);
    while (true) {
      double u = from + random.nextDouble() * (to - from);
      int rank = (int) Math.min(StrictMath.exp(u) + 0.5, keys); // rounding may exceed the last one
      // Of the numbers that are rounded to this rank, only a range of the length 1/rank.
      if (u >= StrictMath.log(rank + 0.5) - 1.0 / rank) {
        return rank;
      }
    }
  }

  /**
   * The key with a rank from 1. Keys of neighboring ranks have distant numbers. Otherwise the
   * frequent ones would be together in RocksDB's files, and easier to find than those of users.
   */
  int key(int rank) {
    return (int) ((rank - 1) * STRIDE % keys);
  }

  /** Those with the ranks 1, 2, 4, and so on, because random keys are rarely frequent. */
  @Override
  public IntStream notable() {
    return IntStream.iterate(0, i -> i < Integer.SIZE - 1 && 1 << i <= keys, i -> i + 1)
        .map(i -> key(1 << i));
  }
}
