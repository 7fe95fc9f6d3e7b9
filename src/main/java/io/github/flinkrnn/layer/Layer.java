package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;

/**
 * One function of a step: y&lt;t&gt; from x&lt;t&gt; and, where it carries a state, from what step
 * t-1 left. Immutable, shared by all threads of a JVM; what a step needs to write is in its {@link
 * Stepper}.
 *
 * <p>The state is {@link #stateSize()} floats of the sequence's hidden state: 0 of a linear layer,
 * a&lt;t&gt; of an Elman cell or a GRU, a&lt;t&gt; and then c&lt;t&gt; of an LSTM.
 */
public interface Layer {
  /** What it is, in a phrase. */
  String type();

  /**
   * The input's part of a step: the product of x&lt;t&gt;, [inputSize], with the bias, before it
   * meets the state. The same x gives the same numbers at every step, so that those of a vocabulary
   * can stand in a table; {@link Stepper#stepFrom} goes on from them.
   */
  Affine ofInput();

  /** Length of x&lt;t&gt;. */
  default int inputSize() {
    return ofInput().columns();
  }

  /** Length of y&lt;t&gt;. */
  int outputSize();

  /** Floats that the next step needs of this one; 0 of a layer without a state. */
  int stateSize();

  /**
   * Whether y&lt;t&gt; is the beginning of the state that step t leaves, as a&lt;t&gt; of a
   * recurrent layer is.
   */
  default boolean keepsOutput() {
    return stateSize() > 0;
  }

  /** Multiply-adds of a step's products. */
  long multiplyAdds();

  /**
   * Adds all that decides y&lt;t&gt;, so that state is never read by a layer that did not write it.
   */
  void addTo(Fingerprint fingerprint);

  /** A stepper of its own for one thread. */
  Stepper stepper();

  /** Takes steps of one layer, with its working memory. Not thread-safe. */
  interface Stepper {
    /**
     * One step.
     *
     * @param x holds x&lt;t&gt; from {@code xAt}; may be {@code next}, below {@code at}
     * @param previous holds what step t-1 left, [stateSize] from {@code at}; not changed
     * @param next receives what step t leaves, [stateSize] from {@code at}; not the array {@code
     *     previous}
     * @param y receives y&lt;t&gt;, [outputSize] from {@code yAt}, apart from x; {@code next} from
     *     {@code at} where the layer {@linkplain Layer#keepsOutput keeps its output}
     */
    void step(float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt);

    /**
     * A step whose input part is given, with the bits of {@link #step}.
     *
     * @param sums holds what {@link Layer#ofInput} gives, from {@code sumsAt}; not changed
     * @param previous as for {@link #step}
     * @param next as for {@link #step}; another array than {@code sums}
     * @param y as for {@link #step}
     */
    void stepFrom(
        float[] sums, int sumsAt, float[] previous, float[] next, int at, float[] y, int yAt);

    /** A step of a layer that keeps its output. */
    default void step(float[] x, int xAt, float[] previous, float[] next, int at) {
      step(x, xAt, previous, next, at, next, at);
    }
  }
}
