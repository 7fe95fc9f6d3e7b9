package io.github.flinkrnn.bench;

import java.util.Arrays;
import java.util.List;

/** Quantiles of a few measured numbers. */
final class Medians {
  private Medians() {}

  static double median(List<Double> numbers) {
    return quantile(numbers.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
  }

  /** A quantile by linear interpolation between the two nearest numbers; NaN without numbers. */
  static double quantile(double[] numbers, double p) {
    if (numbers.length == 0) {
      return Double.NaN;
    }
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    double at = p * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
