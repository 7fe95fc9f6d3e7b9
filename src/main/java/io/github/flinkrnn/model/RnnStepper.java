package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.RecurrentCell;
import java.util.Arrays;
import java.util.List;

/**
 * Takes the steps of one model: holds the working memory that a step writes to, and no sequence's
 * state. Not thread-safe; one a thread.
 */
public final class RnnStepper {
  private final RnnModel model;
  private final RecurrentCell.Stepper[] cells;
  private final int stateSize;
  private final int[] stateAt; // where each layer's part of the hidden state begins
  private final float[] oneHot; // all zeros between two steps; null unless the input is one-hot
  private final float[] top; // the top layer's a<t>, on its own

  RnnStepper(RnnModel model) {
    this.model = model;
    List<RecurrentCell> layers = model.cells();
    cells = new RecurrentCell.Stepper[layers.size()];
    stateAt = new int[layers.size()];
    int at = 0;
    for (int layer = 0; layer < cells.length; layer++) {
      cells[layer] = layers.get(layer).stepper();
      stateAt[layer] = at;
      at += layers.get(layer).stateSize();
    }
    stateSize = at;
    boolean isOneHot = model.input() instanceof ModelInput.Words words && words.embedding() == null;
    oneHot = isOneHot ? new float[model.input().size()] : null;
    top = new float[model.hiddenSize()];
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
    step(features, 0, previous, next);
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
    if (oneHot == null) {
      ModelInput.Words input = (ModelInput.Words) model.input();
      step(input.embedding().getData(), word * input.size(), previous, next);
    } else {
      oneHot[word] = 1;
      step(oneHot, 0, previous, next);
      oneHot[word] = 0;
    }
  }

  private void check(float[] previous, float[] next) {
    if (previous == next || previous.length != stateSize || next.length != stateSize) {
      throw new IllegalArgumentException(
          "expected two arrays of " + stateSize + " for the hidden states of steps t-1 and t");
    }
  }

  private void step(float[] x, int xAt, float[] previous, float[] next) {
    cells[0].step(x, xAt, previous, next, stateAt[0]);
    for (int layer = 1; layer < cells.length; layer++) {
      cells[layer].step(next, stateAt[layer - 1], previous, next, stateAt[layer]);
    }
  }

  /** The top layer's a&lt;t&gt; in a hidden state; a new array. */
  public float[] hidden(float[] state) {
    int at = stateAt[stateAt.length - 1];
    return Arrays.copyOfRange(state, at, at + top.length);
  }

  /** Wya a&lt;t&gt; + by; a new array. */
  public float[] logits(float[] state) {
    System.arraycopy(state, stateAt[stateAt.length - 1], top, 0, top.length);
    return model.head().logits(top);
  }

  /** y&lt;t&gt; = g(logits); a new array. */
  public float[] prediction(float[] logits) {
    return model.activation().apply(logits);
  }

  /** The label of the largest output, the first of equals; null when the model names none. */
  public String label(float[] logits) {
    if (model.labels().isEmpty()) {
      return null;
    }
    int largest = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[largest]) {
        largest = i;
      }
    }
    return model.labels().get(largest);
  }
}
