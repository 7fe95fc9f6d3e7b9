package io.github.flinkrnn.network;

/** Whether two ways to step compute the same. */
public final class Agreement {
  /** The largest difference of any prediction or hidden state that is let pass. */
  public static final double TOLERANCE = 2e-5;

  private Agreement() {}

  /**
   * Steps both through the tokens.
   *
   * @return the largest difference that was seen
   * @throws IllegalStateException when it is above the tolerance
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
        largest = difference; // NaN too
      }
    }
    return largest;
  }
}
