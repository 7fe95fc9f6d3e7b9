package io.github.flinkrnn.cli;

import java.util.Locale;

/**
 * The largest difference between computed and expected values: |found - expected| / max(1,
 * |expected|). It is relative for large values, because float32 has a limited number of digits.
 */
final class Comparison {
  private final double tolerance;
  private final Largest predictions = new Largest();
  private final Largest hiddens = new Largest();

  /** The largest difference of one kind, and its line. */
  private static final class Largest {
    private double difference;
    private boolean isRelative;
    private int line;

    void see(float[] found, double[] expected, int at) {
      for (int i = 0; i < found.length; i++) {
        double size = Math.max(1, Math.abs(expected[i]));
        double of = Math.abs(found[i] - expected[i]) / size;
        // NaN counts as the largest
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
   * Compares a step.
   *
   * @param expectedPrediction null if the line has none
   * @param expectedHidden null if the line has none
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
