package io.github.flinkrnn.network;

import java.util.List;

/**
 * What happens between x&lt;t&gt; and the logits: a&lt;t&gt; from a&lt;t-1&gt; and x&lt;t&gt;, and
 * the logits from a&lt;t&gt;. Immutable and thread-safe; what a step needs to write is in its
 * {@link Stepper}. Closed once its model is, when no stepper is in use any more.
 */
public interface Network extends AutoCloseable {
  /** Length of x&lt;t&gt;; 0 where words go in as their ids. */
  int inputSize();

  /** Length of the one-hot vectors that words become; 0 where they become something else. */
  int oneHotSize();

  /** Floats of hidden state a sequence keeps between two tokens. */
  int stateSize();

  /** Where the top layer's a&lt;t&gt; begins in the hidden state. */
  int hiddenAt();

  /** Length of the top layer's a&lt;t&gt;. */
  int hiddenSize();

  /** Length of the logits. */
  int outputSize();

  /** The hidden state before the first token, [stateSize]; a new array. */
  float[] initialState();

  /** Whether the logits follow from a hidden state alone, whenever it was left. */
  boolean hasLogitsOfAnyState();

  /** What it is, for people. */
  Description describe();

  /**
   * The same network with the input part of every word in a table, where it has such a part and the
   * table is not too large.
   *
   * @param words how many the vocabulary has
   * @param mostBytes how large the table may be
   */
  default Network withTable(int words, long mostBytes) {
    return this;
  }

  /** A stepper of its own for one thread. */
  Stepper stepper();

  @Override
  void close();

  /**
   * What a network is, in words and sizes that no step needs.
   *
   * @param summary what kind of layers, and how many, in a phrase
   * @param layers those with a state, bottom first, each in a phrase
   * @param wordInput how words become x&lt;t&gt;, in a phrase
   * @param tableBytes of the table in which the words' part of a step is looked up; 0 for none
   * @param multiplyAdds of a step's products
   * @param kernel what computes the products
   */
  record Description(
      String summary,
      List<String> layers,
      String wordInput,
      long tableBytes,
      long multiplyAdds,
      String kernel) {}

  /** Takes steps, with its working memory. Not thread-safe. */
  interface Stepper extends AutoCloseable {
    /**
     * One step with a vector.
     *
     * @param x x&lt;t&gt;, [inputSize]
     * @param previous what step t-1 left, [stateSize]; not changed
     * @param next receives what step t leaves, [stateSize]; another array than {@code previous}
     */
    void step(float[] x, float[] previous, float[] next);

    /** The same with a word of the vocabulary, by its id from 0. */
    void step(int word, float[] previous, float[] next);

    /**
     * The logits of the step just taken; where {@link #hasLogitsOfAnyState}, of any step.
     *
     * @param state what the step left
     * @param logits receives [outputSize] numbers
     */
    void logits(float[] state, float[] logits);

    @Override
    void close();
  }
}
