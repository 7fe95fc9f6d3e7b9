package io.github.flinkrnn.operator;

import org.apache.flink.api.common.state.MapState;

/**
 * The numbers of the waiting tokens of the current key, and the total size of these tokens in
 * bytes, in managed state next to the tokens. The smallest number is found without reading the
 * tokens. The cost of a change does not grow with the number of waiting tokens.
 *
 * <p>The index is a tree of 64-bit words. A word of level 0 has one bit for each of 64 consecutive
 * numbers. A word of level n has one bit for each of the 64 words of level n-1 below it. A word
 * without bits is not kept. The root is the lowest word above all numbers added since the index was
 * last empty. A single number therefore needs one word, and the tree is at most 11 words deep.
 *
 * <p>The key of a word is the common high bits of its numbers, followed by zeros, except that the
 * lowest six bits hold the level.
 */
final class WaitingIndex {
  private static final int BITS = 6;
  private static final long LEVEL = (1L << BITS) - 1;

  // Not keys of words: there are only 11 levels.
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

  /** The smallest number; null if there is none. */
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

  /** Adds a number, which may already be present. */
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

  /** Raises the root until it is also above a number, and returns it. */
  private long raised(long from, long at) throws Exception {
    long root = from;
    while (key(level(root), at) != root) {
      int level = level(root) + 1;
      words.put(key(level, root), bit(level, root));
      root = key(level, root);
    }
    return root;
  }

  /** Removes a number that is present, and the bytes of its tokens. */
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

  /** The size of all waiting tokens in bytes; 0 if there are none. */
  long bytes() throws Exception {
    Long bytes = words.get(BYTES);
    return bytes == null ? 0 : bytes;
  }

  void addBytes(long more) throws Exception {
    words.put(BYTES, bytes() + more);
  }

  /** Converts between signed and unsigned order; the conversion is its own inverse. */
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
