package io.github.flinkrnn.model;

import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import java.util.Arrays;

/**
 * Takes the steps of one model: holds the working memory that a step writes to, and no sequence's
 * state. Not thread-safe; one a thread.
 */
public final class RnnStepper implements AutoCloseable {
  private final RnnModel model;
  private final Network network;
  private final Network.Stepper steps;
  private final int stateSize;
  private final float[] scratch;

  RnnStepper(RnnModel model) {
    this.model = model;
    network = model.network();
    stateSize = network.stateSize();
    steps = network.stepper();
    scratch = OutputActivation.scratch(network.outputSize());
  }

  /**
   * One step of a features model.
   *
   * @param features x&lt;t&gt;, [n_x]
   * @param previous what step t-1 left, [stateSize]; not changed
   * @param next receives what step t leaves, [stateSize]; another array than {@code previous}
   * @throws IllegalArgumentException when a length is another, or the model reads words
   */
  public void step(float[] features, float[] previous, float[] next) {
    if (model.input() instanceof ModelInput.Words || features.length != model.input().size()) {
      throw new IllegalArgumentException(
          features.length + " features for a model of " + model.input().describe());
    }
    check(previous, next);
    steps.step(features, previous, next);
  }

  /**
   * One step of a vocabulary model.
   *
   * @param word the word's id in the vocabulary, from 0
   * @param previous what step t-1 left, [stateSize]; not changed
   * @param next receives what step t leaves, [stateSize]; another array than {@code previous}
   * @throws IllegalArgumentException when a length is another, no word has the id, or the model
   *     reads features
   */
  public void step(int word, float[] previous, float[] next) {
    boolean known =
        model.input() instanceof ModelInput.Words words
            && word >= 0
            && word < words.vocabulary().size();
    if (!known) {
      throw new IllegalArgumentException(
          "word " + word + " for a model of " + model.input().describe());
    }
    check(previous, next);
    steps.step(word, previous, next);
  }

  private void check(float[] previous, float[] next) {
    if (previous == next || previous.length != stateSize || next.length != stateSize) {
      throw new IllegalArgumentException(
          "expected two arrays of " + stateSize + " for the hidden states of steps t-1 and t");
    }
  }

  /** The top layer's a&lt;t&gt; in a hidden state; a new array. */
  public float[] hidden(float[] state) {
    int at = network.hiddenAt();
    return Arrays.copyOfRange(state, at, at + network.hiddenSize());
  }

  /**
   * Wya a&lt;t&gt; + by, of the step just taken, and of any where the model says so ({@link
   * RnnModel#hasLogitsOfAnyState}); a new array.
   *
   * @param state what the step left
   */
  public float[] logits(float[] state) {
    float[] logits = new float[network.outputSize()];
    steps.logits(state, logits);
    return logits;
  }

  /**
   * The same into an array of the caller's.
   *
   * @param state what the step left
   * @param logits receives [n_y]
   */
  public void logits(float[] state, float[] logits) {
    steps.logits(state, logits);
  }

  /** y&lt;t&gt; = g(logits); a new array. */
  public float[] prediction(float[] logits) {
    return model.activation().apply(logits, scratch);
  }

  /** The label of the largest output, the first of equals; null when the model names none. */
  public String label(float[] logits) {
    if (model.labels().isEmpty()) {
      return null;
    }
    return model.labels().get(Scores.largestAt(logits));
  }

  /** Gives back what the stepper holds outside the heap. */
  @Override
  public void close() {
    steps.close();
  }
}
