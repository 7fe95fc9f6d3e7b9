package io.github.flinkrnn.layer;

/**
 * One layer of a recurrent network: how a&lt;t&gt; follows from a&lt;t-1&gt; and x&lt;t&gt;.
 * Immutable, shared by all threads of a JVM; what a step needs to write is in its {@link Stepper}.
 *
 * <p>What the cell carries from step to step is {@link #stateSize()} floats of the sequence's
 * hidden state. The first {@link #outputSize()} of them are a&lt;t&gt;, the input of the layer
 * above; a cell that carries more (an LSTM its cell state c) keeps it behind them.
 */
public interface RecurrentCell {
  /** What it is, in a phrase. */
  String type();

  /** Length of x&lt;t&gt;. */
  int inputSize();

  /** Length of a&lt;t&gt;. */
  int outputSize();

  /** Floats that the next step needs of this one. */
  int stateSize();

  /**
   * How many numbers x&lt;t&gt; comes down to before it meets a&lt;t-1&gt;: its part of the cell's
   * products, with the bias. The same x gives the same ones at every step, so that a vocabulary's
   * can stand in a table.
   */
  int inputSums();

  /** Multiply-adds of a step's products. */
  long multiplyAdds();

  /**
   * Adds all that decides a&lt;t&gt;, so that state is never read by a cell that did not write it.
   */
  void addTo(Fingerprint fingerprint);

  /** A stepper of its own for one thread. */
  Stepper stepper();

  /** Takes steps of one cell, with its working memory. Not thread-safe. */
  interface Stepper {
    /**
     * @param x holds x&lt;t&gt; from {@code xAt}; may be {@code next}, below {@code at}
     * @param previous holds what step t-1 left, from {@code at}; not changed
     * @param next receives what step t leaves, from {@code at}; not the array {@code previous}
     */
    void step(float[] x, int xAt, float[] previous, float[] next, int at);

    /**
     * The input's part of a step. With {@link #stepFrom} behind it, it gives the bits of {@link
     * #step}.
     *
     * @param x holds x&lt;t&gt; from {@code xAt}
     * @param sums receives [inputSums] numbers from {@code sumsAt}; another array than x
     */
    void inputSums(float[] x, int xAt, float[] sums, int sumsAt);

    /**
     * {@link #inputSums} of a one-hot x&lt;t&gt;, with the same bits.
     *
     * @param one where x&lt;t&gt; is 1
     */
    void oneHotSums(int one, float[] sums, int sumsAt);

    /**
     * A step whose input part is given.
     *
     * @param sums holds what {@link #inputSums} gave, from {@code sumsAt}; not changed
     * @param previous as for {@link #step}
     * @param next as for {@link #step}; another array than {@code sums}
     */
    void stepFrom(float[] sums, int sumsAt, float[] previous, float[] next, int at);
  }
}
