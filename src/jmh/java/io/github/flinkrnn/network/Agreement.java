package io.github.flinkrnn.network;

/** Checks whether two implementations of a step compute the same. */
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
