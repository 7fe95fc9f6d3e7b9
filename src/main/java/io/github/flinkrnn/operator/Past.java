package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.StepPlan;

/**
 * What a sequence keeps of its past tokens, and what is computed from it. It keeps either the
 * hidden state, which is carried from step to step, or the last tokens themselves, or both for a
 * model that looks ahead.
 */
interface Past extends AutoCloseable {
  /**
   * @param reader reads the tokens
   */
  static Past of(
      RnnModel model, SequenceOptions sequence, OutputOptions output, TokenReader reader) {
    if (sequence.lookAhead() != null) {
      return new LookAheadPast(model, sequence.lookAhead(), output, reader);
    }
    return sequence.window() == 0
        ? new CarriedPast(model, reader)
        : new WindowPast(model, sequence.window(), reader);
  }

  /** Identifies the kept values: they can be continued only with an equal fingerprint. */
  long fingerprint();

  /** Whether floats can be the kept values. */
  boolean fits(float[] kept);

  /** The number of floats that a step writes into the given array; 0 for none. */
  int room();

  /**
   * Completes x&lt;t&gt; of the token that was read last, from the kept values.
   *
   * @return why the token cannot be taken; null if it can
   */
  TokenReader.Refusal complete(StepPlan plan);

  /**
   * Adds one token.
   *
   * @param word the id of its word, for a model with a vocabulary
   * @param x its x&lt;t&gt; as {@link TokenReader#x} returns it, for a model with features
   * @param kept the values kept before, which are not changed; null at the beginning of a sequence
   * @param room an array of {@link #room} floats, not {@code kept}
   * @return the values to keep from now on: {@code room}, or a new array
   * @throws NotAcceptedException if the runtime of the model does not accept the token, here or in
   *     one of the methods below
   */
  float[] step(int word, float[] x, float[] kept, float[] room);

  /**
   * Adds one token to each of several sequences, with the same bits as {@link #step} for each. Only
   * for a model that {@linkplain RnnModel#stepsSeveral steps several}.
   *
   * @param steps the first {@code count} have a plan and x&lt;t&gt;; each receives the values kept
   *     at t
   */
  void stepEach(int count, Step[] steps);

  /**
   * Computes the logits of several sequences, in the same way.
   *
   * @param kept the values kept of each
   * @param logits receives [n_y] for each head and sequence; null for a head that is not needed
   */
  void logitsEach(int count, float[][] kept, float[][][] logits);

  /**
   * Computes the logits, Wya a&lt;t&gt; + by, of each head.
   *
   * @param kept the values kept at t
   * @param logits receives [n_y] for each head; null for a head that is not needed
   */
  void logits(float[] kept, float[][] logits);

  /**
   * Whether the last step left only finite numbers.
   *
   * @param used whether a&lt;t&gt; is going to be used; if not, it need not be computed
   */
  boolean isFinite(float[] kept, boolean used);

  /** Returns a&lt;t&gt; of the top layer, [n_a], in a new array. */
  float[] hidden(float[] kept);

  @Override
  void close();
}
