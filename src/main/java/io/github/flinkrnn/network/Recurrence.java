package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Fingerprint;
import java.util.List;

/**
 * What happens between x&lt;t&gt; and the logits: a&lt;t&gt; from a&lt;t-1&gt; and x&lt;t&gt;, and
 * the logits from a&lt;t&gt;. Immutable and thread-safe; what a step needs to write is in its
 * {@link Stepper}. Closed once its model is, when no stepper is in use any more.
 */
public interface Recurrence extends AutoCloseable {
  /** Length of x&lt;t&gt;; 0 where words go in as their ids. */
  int inputSize();

  /** Length of the one-hot vectors that words become; 0 where they become something else. */
  int oneHotSize();

  /** How words become x&lt;t&gt;, in a phrase. */
  String wordInput();

  /** Bytes of a table in which the words' part of a step is looked up; 0 for none. */
  long tableBytes();

  /** The layers, bottom first, each in a phrase. */
  List<String> cellTypes();

  /** In a phrase: what kind of cells, and how many layers. */
  String summary();

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

  /** Multiply-adds of a step's products. */
  long multiplyAdds();

  /** What computes the products. */
  String kernel();

  /** Adds all that a&lt;t&gt; depends on: a state is never read by a recurrence of another kind. */
  void addTo(Fingerprint fingerprint);

  /** Adds what the logits depend on besides. */
  void addHeadTo(Fingerprint fingerprint);

  /** A stepper of its own for one thread. */
  Stepper stepper();

  @Override
  void close();

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
