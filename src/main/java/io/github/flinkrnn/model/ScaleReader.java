package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.network.Scale;

/** Reads {@code scale} and {@code unscale} of config.json. */
final class ScaleReader {
  private static final double[] ZERO = {0};
  private static final double[] ONE = {1};

  private ScaleReader() {}

  /** The scale of a field, or null if it is absent. */
  static Scale scale(Fields fields, String field) {
    if (!fields.has(field)) {
      return null;
    }
    Fields scale = fields.object(field);
    boolean log1p = scale.flag("log1p", false);
    double[] mean = scale.numbers("mean");
    double[] std = scale.numbers("std");
    double[] min = scale.numbers("min");
    double[] max = scale.numbers("max");
    double[] clip = scale.numbers("clip");
    scale.rejectUnknown();
    expectPair(scale, "mean", mean, "std", std);
    expectPair(scale, "min", min, "max", max);
    if (mean != null && min != null) {
      throw scale.invalid("min", "expected only without mean");
    }
    if (clip != null && !(clip.length == 2 && clip[0] <= clip[1])) {
      throw scale.invalid("clip", "expected two numbers, the smaller first");
    }
    if (!log1p && mean == null && min == null && clip == null) {
      throw fields.invalid(field, "expected log1p, mean and std, min and max, or clip, found none");
    }
    double[] offset = mean != null ? mean : min != null ? min : ZERO;
    double[] divisor = ONE;
    if (std != null) {
      divisor = positive(scale, "std", std);
    } else if (min != null) {
      divisor = positive(scale, "max", minus(max, min));
    }
    return new Scale(
        log1p,
        offset,
        divisor,
        clip == null ? Double.NEGATIVE_INFINITY : clip[0],
        clip == null ? Double.POSITIVE_INFINITY : clip[1]);
  }

  /** The mean and standard deviation that turn outputs back, or null if the field is absent. */
  static Scale unscale(Fields output) {
    if (!output.has("unscale")) {
      return null;
    }
    Fields unscale = output.object("unscale");
    double[] mean = unscale.numbers("mean");
    double[] std = unscale.numbers("std");
    unscale.rejectUnknown();
    if (mean == null) {
      throw unscale.missing("mean");
    }
    expectPair(unscale, "mean", mean, "std", std);
    return new Scale(
        false,
        mean,
        positive(unscale, "std", std),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY);
  }

  /** Checks that arrays have the length of the vector. */
  static void expectLength(Fields fields, String field, int n) {
    Fields scale = fields.object(field);
    for (String name : new String[] {"mean", "std", "min", "max"}) {
      double[] numbers = scale.numbers(name);
      if (numbers != null && numbers.length != 1 && numbers.length != n) {
        throw scale.invalid(
            name, "expected one number or an array of " + n + ", found " + numbers.length);
      }
    }
  }

  private static void expectPair(
      Fields scale, String name, double[] numbers, String other, double[] others) {
    if (numbers == null != (others == null)) {
      String missing = numbers == null ? name : other;
      throw scale.invalid(missing, "missing: expected with " + (numbers == null ? other : name));
    }
    if (numbers != null
        && numbers.length > 1
        && others.length > 1
        && numbers.length != others.length) {
      throw scale.invalid(
          other,
          "expected as many numbers as "
              + name
              + ", "
              + numbers.length
              + ", found "
              + others.length);
    }
  }

  private static double[] minus(double[] max, double[] min) {
    double[] range = new double[Math.max(max.length, min.length)];
    for (int i = 0; i < range.length; i++) {
      range[i] = max[max.length == 1 ? 0 : i] - min[min.length == 1 ? 0 : i];
    }
    return range;
  }

  private static double[] positive(Fields scale, String name, double[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      if (!(numbers[i] > 0)) {
        String expected =
            name.equals("max")
                ? "expected a range (max - min) above 0"
                : "expected numbers above 0";
        throw scale.invalid(
            name,
            expected + ", found " + numbers[i] + (numbers.length == 1 ? "" : " at index " + i));
      }
    }
    return numbers;
  }
}
