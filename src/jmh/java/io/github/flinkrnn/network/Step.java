package io.github.flinkrnn.network;

/**
 * One sequence and an implementation of its steps. Keeps the state of the sequence from token to
 * token.
 */
public interface Step {
  /**
   * Computes the next step.
   *
   * @param features x&lt;t&gt;, [n_x]
   * @return y&lt;t&gt;, [8]
   */
  float[] step(float[] features);

  /** The a&lt;t&gt; of the top layer, [n_a]. */
  float[] hidden();
}
