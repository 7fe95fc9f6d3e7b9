package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Layer;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Computes a&lt;t&gt; from a&lt;t-1&gt; and x&lt;t&gt;, and the logits from a&lt;t&gt;. Immutable
 * and thread-safe; the working memory of a step is in its {@link Stepper}. Closed with its model,
 * when no stepper is in use any more.
 */
@Internal
public interface Network extends AutoCloseable {
  /** The length n_x of x&lt;t&gt;; 0 if the network takes word ids. */
  int inputSize();

  /** The length of the one-hot vectors of words; 0 without one-hot vectors. */
  int oneHotSize();

  /**
   * The number of floats of state that a sequence keeps between tokens. They may be the bits of
   * other numbers, which are only copied.
   */
  int stateSize();

  /** The index in the state where the top layer's a&lt;t&gt; begins. */
  int hiddenAt();

  /** The length of the top layer's a&lt;t&gt;. */
  int hiddenSize();

  /** The length n_y of the logits, of the first head if there are several. */
  int outputSize();

  /** The length of the logits of each head; one, {@link #outputSize}, unless there are several. */
  default int[] headSizes() {
    return new int[] {outputSize()};
  }

  /** The state before the first token, [stateSize]; a new array. */
  float[] initialState();

  /**
   * Whether all numbers of a state are finite. This is for a state of floats; a network whose state
   * holds the bits of other numbers overrides it.
   *
   * @param state [stateSize] from 0
   */
  default boolean isFinite(float[] state) {
    return Kernel.best().isFinite(state, 0, stateSize());
  }

  /** Whether the logits of any state can be computed, and not only those of the last step. */
  boolean hasLogitsOfAnyState();

  /** A description for users. */
  Description describe();

  /**
   * This network with a table of the input products of all words, if it has such products and the
   * table is not too large.
   *
   * @param words the size of the vocabulary
   * @param mostBytes the maximum size of the table
   */
  default Network withTable(int words, long mostBytes) {
    return this;
  }

  /**
   * This network with an x&lt;t&gt; that is made of fields.
   *
   * @param parts whose widths add up to the input of the network
   * @param mostBytes the maximum size of all tables
   */
  default Network withFields(List<InputPart> parts, long mostBytes, Kernel kernel) {
    return new FieldsNetwork(this, parts, mostBytes, kernel);
  }

  /** The number of bidirectional layers. If there are any, {@link #lookAhead} takes the steps. */
  default int bidirectionalLayers() {
    return 0;
  }

  /** Whether bidirectional layers give one output for the whole sequence. */
  default boolean readsFinal() {
    return false;
  }

  /**
   * A new stepper of a network with bidirectional layers, for one thread.
   *
   * @param ofWords whether words come, and not vectors
   * @param tokens how many tokens each layer looks ahead; {@link LookAheadStepper#END} for all
   * @param reserved how many floats at the beginning of what is kept belong to the caller
   */
  default LookAheadStepper lookAhead(boolean ofWords, int tokens, int reserved) {
    throw new UnsupportedOperationException("expected a network with bidirectional layers");
  }

  /**
   * Whether {@link Stepper#stepEach} is worth calling. A network whose steps can fail one by one
   * says no.
   */
  default boolean stepsSeveral() {
    return true;
  }

  /** A new stepper, for one thread. */
  Stepper stepper();

  @Override
  void close();

  /**
   * A description of a network.
   *
   * @param summary a phrase for the type and the number of layers
   * @param layers a phrase for each layer with a state, bottom first
   * @param chain all layers, bottom first; empty if the network does not consist of layers
   * @param wordInput a phrase for how words become x&lt;t&gt;
   * @param tableBytes the bytes of the table of input products; 0 for none
   * @param multiplyAdds the multiply-adds of a step
   * @param weights a phrase for matrices that are kept in 16 bits; empty for none
   * @param kernel the name of the kernel
   */
  record Description(
      String summary,
      List<String> layers,
      List<Place> chain,
      String wordInput,
      long tableBytes,
      long multiplyAdds,
      String weights,
      String kernel) {
    /** A copy with a table of another size. */
    Description withTable(long bytes) {
      return new Description(
          summary, layers, chain, wordInput, bytes, multiplyAdds, weights, kernel);
    }
  }

  /**
   * A layer in a chain.
   *
   * @param head the index of the head that it belongs to; -1 for layers before the heads
   * @param depth how many layers it is inside of
   */
  record Place(int head, int depth, Layer layer) {}

  /** Takes steps, with its working memory. Not thread-safe. */
  interface Stepper extends AutoCloseable {
    /**
     * One step with a vector.
     *
     * @param x x&lt;t&gt;, [inputSize]
     * @param previous the state after step t-1, [stateSize]; not changed
     * @param next receives the state after step t, [stateSize]; not the array {@code previous}
     */
    void step(float[] x, float[] previous, float[] next);

    /** One step with a word of the vocabulary, by its id from 0. */
    void step(int word, float[] previous, float[] next);

    /**
     * Computes the logits of the first head, of the last step, or of any step if {@link
     * #hasLogitsOfAnyState}.
     *
     * @param state the state after that step
     * @param logits receives [outputSize] numbers
     */
    void logits(float[] state, float[] logits);

    /**
     * Computes the logits of several heads, in the same way.
     *
     * @param heads receives the logits of each head; null for a head that is not needed
     */
    default void logits(float[] state, float[][] heads) {
      if (heads[0] != null) {
        logits(state, heads[0]);
      }
    }

    /**
     * A step of each of several sequences with a vector, with the same bits as {@link
     * #step(float[], float[], float[])} for each.
     *
     * @param count how many sequences: the first ones in the arrays
     * @param previous several may be the same array
     */
    default void stepEach(int count, float[][] x, float[][] previous, float[][] next) {
      for (int i = 0; i < count; i++) {
        step(x[i], previous[i], next[i]);
      }
    }

    /** A step of each of several sequences with a word, in the same way. */
    default void stepEach(int count, int[] words, float[][] previous, float[][] next) {
      for (int i = 0; i < count; i++) {
        step(words[i], previous[i], next[i]);
      }
    }

    /**
     * Computes the logits of several sequences, with the same bits as for each. Only for a network
     * that has the {@linkplain #hasLogitsOfAnyState logits of any state}.
     *
     * @param states the state of each sequence
     * @param heads receives the logits of each head and sequence; null for a head that is not
     *     needed
     */
    default void logitsEach(int count, float[][] states, float[][][] heads) {
      float[][] its = new float[heads.length][];
      for (int i = 0; i < count; i++) {
        for (int h = 0; h < its.length; h++) {
          its[h] = heads[h] == null ? null : heads[h][i];
        }
        logits(states[i], its);
      }
    }

    @Override
    void close();
  }
}
