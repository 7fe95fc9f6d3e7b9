package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.NotAcceptedException;

/**
 * What a sequence keeps of the tokens it has had, and what follows from it: the hidden state that
 * is carried from step to step, or the last tokens themselves.
 */
interface Past extends AutoCloseable {
  /**
   * @param window how many tokens to keep; 0 to carry the hidden state
   */
  static Past of(RnnModel model, int window) {
    return window == 0 ? new CarriedPast(model) : new WindowPast(model, window);
  }

  /** Equal for pasts that can be continued. */
  long fingerprint();

  /** Whether it can have kept so many floats. */
  boolean fits(int floats);

  /** How many floats a step writes into the room that it is given; 0 for none. */
  int room();

  /**
   * One more token.
   *
   * @param word its id, for a model of words
   * @param features its numbers, for one of features
   * @param kept what was kept before; null at the beginning of a sequence; not changed
   * @param room an array of {@link #room} floats, not {@code kept}
   * @return what to keep from now on: {@code room}, or a new array
   * @throws NotAcceptedException when what computes the network refuses the token, here or in one
   *     of the methods below
   */
  float[] step(int word, float[] features, float[] kept, float[] room);

  /**
   * Wya a&lt;t&gt; + by.
   *
   * @param kept what is kept at t
   * @param logits receives [n_y]
   */
  void logits(float[] kept, float[] logits);

  /**
   * Whether the step that led to it has left only finite numbers.
   *
   * @param used whether a&lt;t&gt; is going to be looked at; where it is not, it need not be
   *     computed
   */
  boolean isFinite(float[] kept, boolean used);

  /** The top layer's a&lt;t&gt;; a new array. */
  float[] hidden(float[] kept);

  @Override
  void close();
}
