package io.github.flinkrnn.network;

/**
 * Takes steps in two parts: first the products of x&lt;t&gt;, which do not depend on the state, and
 * then the rest. The bits are those of one step.
 */
interface SplitStepper extends Network.Stepper {
  /** The length of a product. */
  int productSize();

  /**
   * The products of several x&lt;t&gt;.
   *
   * @param sums receives [productSize] for each
   */
  void products(int count, float[][] x, float[][] sums);

  /** The products of several words, in the same way. */
  void products(int count, int[] words, float[][] sums);

  /** The rest of a step of each of several sequences, with its product. */
  void stepEachFrom(int count, float[][] sums, float[][] previous, float[][] next);

  /** The same for states of only zeros. */
  void stepEachFromZero(int count, float[][] sums, float[][] zeros, float[][] next);
}
