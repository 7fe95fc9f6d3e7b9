package io.github.flinkrnn.network;

/** One sequence and whoever steps it: keeps the sequence's state from token to token. */
public interface Step {
  /**
   * Takes the next step.
   *
   * @param features x&lt;t&gt;, [n_x]
   * @return y&lt;t&gt;, [8]
   */
  float[] step(float[] features);

  /** The top layer's a&lt;t&gt;, [n_a]. */
  float[] hidden();
}
