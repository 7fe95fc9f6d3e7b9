package io.github.flinkrnn.network;

import java.util.List;
import java.util.Map;

/** Checks whether two implementations of a step, or two operators, compute the same. */
public final class Agreement {
  /** The maximum difference of a prediction or a hidden state. */
  public static final double TOLERANCE = 2e-5;

  private Agreement() {}

  /**
   * Computes the steps of these tokens with both.
   *
   * @return the largest difference
   * @throws IllegalStateException if it is above the tolerance
   */
  public static double check(String name, Step ours, Step theirs, float[][] tokens) {
    double largest = 0;
    for (int t = 0; t < tokens.length; t++) {
      double y = difference(ours.step(tokens[t]), theirs.step(tokens[t]));
      double a = difference(ours.hidden(), theirs.hidden());
      largest = Math.max(largest, Math.max(y, a));
      if (!(largest <= TOLERANCE)) {
        throw new IllegalStateException(
            name + ": the answers of step " + (t + 1) + " differ by " + largest);
      }
    }
    return largest;
  }

  /**
   * Compares the predictions of two operators for the same tokens, by key and in the order of each
   * key.
   *
   * @return the largest difference
   * @throws IllegalStateException if it is above the tolerance, or if the keys or the numbers of
   *     their predictions differ
   */
  public static double check(
      String name, Map<String, List<float[]>> ours, Map<String, List<float[]>> theirs) {
    if (!ours.keySet().equals(theirs.keySet())) {
      throw new IllegalStateException(
          name
              + ": expected predictions of the keys "
              + ours.keySet()
              + ", found "
              + theirs.keySet());
    }
    double largest = 0;
    for (Map.Entry<String, List<float[]>> entry : ours.entrySet()) {
      List<float[]> expected = entry.getValue();
      List<float[]> found = theirs.get(entry.getKey());
      String key = name + ", " + entry.getKey();
      if (expected.size() != found.size()) {
        throw new IllegalStateException(
            key + ": expected " + expected.size() + " predictions, found " + found.size());
      }
      for (int t = 0; t < expected.size(); t++) {
        largest = Math.max(largest, difference(expected.get(t), found.get(t)));
        if (!(largest <= TOLERANCE)) {
          throw new IllegalStateException(
              key + ": the predictions of step " + (t + 1) + " differ by " + largest);
        }
      }
    }
    return largest;
  }

  private static double difference(float[] a, float[] b) {
    if (a.length != b.length) {
      return Double.NaN;
    }
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs((double) a[i] - b[i]);
      if (!(difference <= largest)) {
        largest = difference; // also for NaN
      }
    }
    return largest;
  }
}
