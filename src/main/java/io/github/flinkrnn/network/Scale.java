package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Fingerprint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Scales the numbers of an input as training did, in double, and rounds once to float:
 *
 * <pre>
 * z = ln(1 + v), if log1p
 * z = (z - offset) / divisor: mean and standard deviation, or minimum and range
 * z = min(max(z, low), high)
 * </pre>
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards. Equal if the contents
 * are.
 */
@Internal
public final class Scale {
  private final boolean log1p;
  private final double[] offset;
  private final double[] divisor;
  private final double low;
  private final double high;
  private final boolean isBounded;

  /**
   * @param offset one number for all, or [n]
   * @param divisor one number for all, or [n]
   * @param low the lower bound; -∞ for none
   * @param high the upper bound; ∞ for none
   */
  public Scale(boolean log1p, double[] offset, double[] divisor, double low, double high) {
    this.log1p = log1p;
    this.offset = offset;
    this.divisor = divisor;
    this.low = low;
    this.high = high;
    isBounded = low != Double.NEGATIVE_INFINITY || high != Double.POSITIVE_INFINITY;
  }

  /** The scaled number at an index of the vector. NaN if v is outside the domain of ln(1 + v). */
  public float apply(double v, int index) {
    double z = log1p ? Log1p.of(v) : v;
    z = (z - at(offset, index)) / at(divisor, index);
    return (float) (isBounded ? Math.min(Math.max(z, low), high) : z);
  }

  /** v = y divisor + offset: back from a scaled number. At most the largest float. */
  public float invert(float y, int index) {
    double v = y * at(divisor, index) + at(offset, index);
    return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, v));
  }

  /** Whether a scaled number is at a bound, and so was probably clipped. */
  public boolean isBound(float z) {
    return isBounded && (z == (float) low || z == (float) high);
  }

  /** A phrase for descriptions: {@code log1p, (v - 3.1) / 1.2, clip -5 to 5}. */
  public String describe() {
    List<String> steps = new ArrayList<>();
    if (log1p) {
      steps.add("log1p");
    }
    if (offset.length > 1 || divisor.length > 1) {
      steps.add("scaled per number");
    } else if (offset[0] != 0 || divisor[0] != 1) {
      steps.add("(v - " + shown(offset[0]) + ") / " + shown(divisor[0]));
    }
    if (isBounded) {
      steps.add("clip " + shown(low) + " to " + shown(high));
    }
    return String.join(", ", steps);
  }

  private static String shown(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  private static double at(double[] numbers, int index) {
    return numbers[numbers.length == 1 ? 0 : index];
  }

  /** Adds everything that a scaled number depends on. */
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add(log1p ? "log1p" : "scale").add(low).add(high);
    for (double[] numbers : new double[][] {offset, divisor}) {
      fingerprint.add(numbers.length);
      for (double number : numbers) {
        fingerprint.add(number);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scale that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return "scale "
        + log1p
        + " "
        + Arrays.toString(offset)
        + " "
        + Arrays.toString(divisor)
        + " "
        + low
        + " "
        + high;
  }
}
