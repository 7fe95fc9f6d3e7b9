package io.github.flinkrnn.model;

import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Scale;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Takes steps of a model. Holds the working memory of a step, but no state of a sequence. Not
 * thread-safe; each thread has its own.
 */
@PublicEvolving
public final class RnnStepper implements AutoCloseable {
  private final RnnModel model;
  private final Network network;
  private final Network.Stepper steps;
  private final int stateSize;
  private final float[] scratch;
  private final Scale scale; // null for none
  private final float[] scaled; // null for none

  RnnStepper(RnnModel model) {
    this.model = model;
    network = model.network();
    stateSize = network.stateSize();
    steps = network.stepper();
    int most = model.heads().stream().mapToInt(Head::size).max().orElseThrow();
    scratch = OutputActivation.scratch(most);
    scale = model.input() instanceof ModelInput.Features given ? given.scale() : null;
    scaled = scale == null ? null : new float[model.input().size()];
  }

  /**
   * One step of a features model. Scales the features, if the model has a scale.
   *
   * @param features x&lt;t&gt;, [n_x]
   * @param previous the state after step t-1, [stateSize]; not changed
   * @param next receives the state after step t, [stateSize]; not the array {@code previous}
   * @throws IllegalArgumentException when a length is wrong, or the model reads words
   */
  public void step(float[] features, float[] previous, float[] next) {
    stepRead(scaled(features), previous, next);
  }

  private float[] scaled(float[] features) {
    if (scale == null || features.length != scaled.length) {
      return features;
    }
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = scale.apply(features[i], i);
    }
    return scaled;
  }

  /**
   * One step with x&lt;t&gt; as the network takes it: features that are scaled already.
   *
   * @param x x&lt;t&gt;, [n_x]
   * @param previous the state after step t-1, [stateSize]; not changed
   * @param next receives the state after step t, [stateSize]; not the array {@code previous}
   * @throws IllegalArgumentException when a length is wrong, or the model reads words
   */
  @Internal
  public void stepRead(float[] x, float[] previous, float[] next) {
    if (model.input() instanceof ModelInput.Words || x.length != model.input().size()) {
      throw new IllegalArgumentException(
          "expected " + model.input().describe() + ", found " + x.length + " features");
    }
    check(previous, next);
    steps.step(x, previous, next);
  }

  /**
   * One step of a vocabulary model.
   *
   * @param word the word's id in the vocabulary, from 0
   * @param previous the state after step t-1, [stateSize]; not changed
   * @param next receives the state after step t, [stateSize]; not the array {@code previous}
   * @throws IllegalArgumentException when a length is wrong, no word has the id, or the model reads
   *     features
   */
  public void step(int word, float[] previous, float[] next) {
    boolean known =
        model.input() instanceof ModelInput.Words words
            && word >= 0
            && word < words.vocabulary().size();
    if (!known) {
      throw new IllegalArgumentException(
          "expected " + model.input().describe() + ", found word id " + word);
    }
    check(previous, next);
    steps.step(word, previous, next);
  }

  /**
   * A step of each of several sequences with x&lt;t&gt; as the network takes it, with the same bits
   * as {@link #stepRead} for each. Lengths are not checked.
   *
   * @param count how many sequences: the first ones in the arrays
   * @param x x&lt;t&gt; of each, [n_x]
   * @param previous the state of each after step t-1, [stateSize]; several may be the same array
   * @param next receives the state of each after step t, [stateSize]
   */
  @Internal
  public void stepEachRead(int count, float[][] x, float[][] previous, float[][] next) {
    steps.stepEach(count, x, previous, next);
  }

  /**
   * A step of each of several sequences of a vocabulary model, in the same way.
   *
   * @param count how many sequences: the first ones in the arrays
   * @param words the id of the word of each
   * @param previous the state of each after step t-1, [stateSize]; several may be the same array
   * @param next receives the state of each after step t, [stateSize]
   */
  @Internal
  public void stepEach(int count, int[] words, float[][] previous, float[][] next) {
    steps.stepEach(count, words, previous, next);
  }

  private void check(float[] previous, float[] next) {
    if (previous == next || previous.length < stateSize || next.length < stateSize) {
      throw new IllegalArgumentException(
          "expected two arrays of at least "
              + stateSize
              + " floats for the states of steps t-1 and t");
    }
  }

  /**
   * The top layer's a&lt;t&gt; in a state, [hiddenSize]; a new array.
   *
   * @param state the state, [stateSize]
   * @return a&lt;t&gt;, [hiddenSize]
   */
  public float[] hidden(float[] state) {
    int at = network.hiddenAt();
    return Arrays.copyOfRange(state, at, at + network.hiddenSize());
  }

  /**
   * Whether all numbers of a state are finite.
   *
   * @param state the state, [stateSize]
   * @return whether they are
   */
  @Internal
  public boolean isFinite(float[] state) {
    return network.isFinite(state);
  }

  /**
   * The logits Wya a&lt;t&gt; + by, [n_y], of the last step, or of any step if {@link
   * RnnModel#hasLogitsOfAnyState}; a new array.
   *
   * @param state the state after that step
   * @return the logits, [n_y]
   */
  public float[] logits(float[] state) {
    float[] logits = new float[network.outputSize()];
    steps.logits(state, logits);
    return logits;
  }

  /**
   * Computes the logits into an array of the caller.
   *
   * @param state the state after the step
   * @param logits receives [n_y]
   */
  public void logits(float[] state, float[] logits) {
    steps.logits(state, logits);
  }

  /**
   * Computes the logits of several heads into arrays of the caller.
   *
   * @param state the state after the step
   * @param logits receives the logits of each head, in the order of {@link RnnModel#headNames};
   *     null for a head that is not needed
   */
  public void logits(float[] state, float[][] logits) {
    steps.logits(state, logits);
  }

  /**
   * Computes the logits of several sequences, with the same bits as for each. Only for a model that
   * has the {@linkplain RnnModel#hasLogitsOfAnyState logits of any state}.
   *
   * @param count how many sequences: the first ones in the arrays
   * @param states the state of each
   * @param logits receives the logits of each head and sequence; null for a head that is not needed
   */
  @Internal
  public void logitsEach(int count, float[][] states, float[][][] logits) {
    steps.logitsEach(count, states, logits);
  }

  /**
   * The predictions of several sequences, with the same bits as {@link #prediction(int, float[])}
   * for each; new arrays.
   *
   * @param head the index of the head, from 0
   * @param count how many sequences: the first ones in the array
   * @param logits the logits of the head for each
   * @return y&lt;t&gt; of each, [n_y]
   */
  @Internal
  public float[][] predictionEach(int head, int count, float[][] logits) {
    Head of = model.heads().get(head);
    float[][] y = of.applied().applyEach(count, logits);
    for (int i = 0; i < count; i++) {
      unscale(of, y[i]);
    }
    return y;
  }

  /**
   * The prediction y&lt;t&gt; = g(logits), [n_y], of the first head; a new array.
   *
   * @param logits the logits, [n_y]
   * @return y&lt;t&gt;, [n_y]
   */
  public float[] prediction(float[] logits) {
    return prediction(0, logits);
  }

  /**
   * The prediction y&lt;t&gt; = g(logits), [n_y], of a head; a new array.
   *
   * @param head the index of the head, from 0
   * @param logits the logits of the head, [n_y]
   * @return y&lt;t&gt;, [n_y]
   */
  public float[] prediction(int head, float[] logits) {
    Head of = model.heads().get(head);
    float[] y = of.applied().apply(logits, scratch);
    unscale(of, y);
    return y;
  }

  private static void unscale(Head of, float[] y) {
    Scale unscale = of.unscale();
    if (unscale != null) {
      for (int i = 0; i < y.length; i++) {
        y[i] = unscale.invert(y[i], i);
      }
    }
  }

  /**
   * The label of the largest output of the first head, the first of equal ones; null without
   * labels.
   *
   * @param logits the logits, [n_y]
   * @return the label, or null
   */
  public String label(float[] logits) {
    return label(0, logits);
  }

  /**
   * The label of the largest output of a head, the first of equal ones; null without labels.
   *
   * @param head the index of the head, from 0
   * @param logits the logits of the head, [n_y]
   * @return the label, or null
   */
  public String label(int head, float[] logits) {
    List<String> labels = model.heads().get(head).labels();
    return labels.isEmpty() ? null : labels.get(Scores.largestAt(logits));
  }

  /**
   * The error of a forecast: the mean of (y_i - x_i)², where y is the prediction of the step before
   * and x the features of this step, both in scaled numbers: before {@code unscale}.
   *
   * @param logits the logits of the step before, [n_y]
   * @param features the features of this step, [n_x], with n_x = n_y
   * @return the error
   */
  public float error(float[] logits, float[] features) {
    return errorRead(0, logits, scaled(features));
  }

  /**
   * The error of a forecast of numbers as the network takes them.
   *
   * @param head the index of the head, from 0
   * @param logits the logits of the step before, [n_y]
   * @param x the numbers of this step, [n_y]
   * @return the error
   */
  @Internal
  public float errorRead(int head, float[] logits, float[] x) {
    float[] y = model.heads().get(head).applied().apply(logits, scratch);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double difference = (double) y[i] - x[i];
      sum += difference * difference;
    }
    return (float) Math.min(Float.MAX_VALUE, sum / y.length);
  }

  /** Releases memory outside the heap. */
  @Override
  public void close() {
    steps.close();
  }
}
