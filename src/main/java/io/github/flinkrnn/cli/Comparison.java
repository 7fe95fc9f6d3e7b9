package io.github.flinkrnn.cli;

import java.util.Locale;

/**
 * How far what a model computed is from what was expected. A difference counts in units of the
 * expected value's size where that is above 1, for float32 has so many digits and no more: |found -
 * expected| / max(1, |expected|).
 */
final class Comparison {
  private final double tolerance;
  private final Largest predictions = new Largest();
  private final Largest hiddens = new Largest();

  /** The largest difference of one kind, and the line it is in. */
  private static final class Largest {
    private double difference;
    private boolean isRelative;
    private int line;

    void see(float[] found, double[] expected, int at) {
      for (int i = 0; i < found.length; i++) {
        double size = Math.max(1, Math.abs(expected[i]));
        double of = Math.abs(found[i] - expected[i]) / size;
        // NaN is the largest of all
        if (line == 0 || !(of <= difference)) {
          difference = of;
          isRelative = size > 1;
          line = at;
        }
      }
    }

    String describe() {
      return line == 0
          ? "not in the file"
          : String.format(
              Locale.ROOT,
              "largest difference %.3g (%s), line %d",
              difference,
              isRelative ? "relative" : "absolute",
              line);
    }
  }

  Comparison(double tolerance) {
    this.tolerance = tolerance;
  }

  /**
   * A step.
   *
   * @param expectedPrediction null where the file has none
   * @param expectedHidden null where the file has none
   */
  void see(
      float[] prediction,
      double[] expectedPrediction,
      float[] hidden,
      double[] expectedHidden,
      int line) {
    if (expectedPrediction != null) {
      predictions.see(prediction, expectedPrediction, line);
    }
    if (expectedHidden != null) {
      hiddens.see(hidden, expectedHidden, line);
    }
  }

  boolean hasPredictions() {
    return predictions.line > 0;
  }

  boolean agrees() {
    return predictions.difference <= tolerance && hiddens.difference <= tolerance;
  }

  String predictions() {
    return predictions.describe();
  }

  String hiddens() {
    return hiddens.describe();
  }

  String describe() {
    return "output: " + predictions() + "; hidden: " + hiddens();
  }
}
