package io.github.flinkrnn.operator;

import org.apache.flink.api.common.state.MapState;

/**
 * Which numbers of the current key wait, and how many bytes their tokens have, in managed state
 * beside the tokens: the least is known without a look at them, and what a change costs does not
 * grow with what waits.
 *
 * <p>It is a tree of words of 64 bits. A word of level 0 has a bit for each of 64 numbers that
 * follow on each other, a word of level n a bit for each of the 64 words of level n-1 below it; a
 * word without bits is not kept. The root is the lowest word above all that was there since nothing
 * waited, so a single number is one word, and none is more than 11 words deep.
 *
 * <p>A word's key is the bits that its numbers have in common, followed by zeros, of which the last
 * six hold its level.
 */
final class WaitingIndex {
  private static final int BITS = 6;
  private static final long LEVEL = (1L << BITS) - 1;

  // Keys that are no word's, there are only 11 levels.
  private static final long ROOT = LEVEL;
  private static final long BYTES = LEVEL - 1;

  private final MapState<Long, Long> words;

  WaitingIndex(MapState<Long, Long> words) {
    this.words = words;
  }

  boolean contains(long number) throws Exception {
    long at = unsigned(number);
    Long word = words.get(key(0, at));
    return word != null && (word & bit(0, at)) != 0;
  }

  /** The least number; null where there is none. */
  Long first() throws Exception {
    Long root = words.get(ROOT);
    if (root == null) {
      return null;
    }
    long at = root & ~LEVEL;
    for (int level = level(root); level >= 0; level--) {
      long below = Long.numberOfTrailingZeros(words.get(key(level, at)));
      at |= below << (BITS * level);
    }
    return unsigned(at);
  }

  /** Adds a number that may be there already. */
  void add(long number) throws Exception {
    long at = unsigned(number);
    Long old = words.get(ROOT);
    long root = old == null ? key(0, at) : raised(old, at);
    if (old == null || root != old) {
      words.put(ROOT, root);
    }
    Long word = null;
    for (int level = 0; level <= level(root) && word == null; level++) {
      word = words.get(key(level, at));
      words.put(key(level, at), (word == null ? 0 : word) | bit(level, at));
    }
  }

  /** The root that is above a number, too. */
  private long raised(long from, long at) throws Exception {
    long root = from;
    while (key(level(root), at) != root) {
      int level = level(root) + 1;
      words.put(key(level, root), bit(level, root));
      root = key(level, root);
    }
    return root;
  }

  /** Removes a number that is there, with the bytes of its tokens. */
  void remove(long number, long bytes) throws Exception {
    long at = unsigned(number);
    int top = level(words.get(ROOT));
    for (int level = 0; level <= top; level++) {
      long rest = words.get(key(level, at)) & ~bit(level, at);
      if (rest != 0) {
        words.put(key(level, at), rest);
        words.put(BYTES, bytes() - bytes);
        return;
      }
      words.remove(key(level, at));
    }
    words.remove(ROOT);
    words.remove(BYTES);
  }

  /** Of all tokens that wait; 0 for none. */
  long bytes() throws Exception {
    Long bytes = words.get(BYTES);
    return bytes == null ? 0 : bytes;
  }

  void addBytes(long more) throws Exception {
    words.put(BYTES, bytes() + more);
  }

  /** So that what is less as a number is less without a sign; and back. */
  private static long unsigned(long number) {
    return number ^ Long.MIN_VALUE;
  }

  private static int level(long key) {
    return (int) (key & LEVEL);
  }

  private static long key(int level, long at) {
    int below = BITS * (level + 1);
    return (below < Long.SIZE ? at >>> below << below : 0) | level;
  }

  private static long bit(int level, long at) {
    return 1L << (at >>> (BITS * level) & LEVEL);
  }
}
