package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/**
 * y = scale ∘ x + shift, number by number: a batch normalization of a trained network, or features
 * that the network standardizes itself. In double, and rounded once, because a shift can be much
 * larger than y.
 */
@Internal
public final class ScaleShift implements Layer {
  private final double[] scale;
  private final double[] shift;

  /**
   * @param size n, of x and y
   * @param scale [n], or one number for all
   * @param shift [n], or one number for all
   */
  public ScaleShift(int size, double[] scale, double[] shift) {
    this.scale = filled(scale, size);
    this.shift = filled(shift, size);
  }

  private static double[] filled(double[] numbers, int size) {
    double[] all = new double[size];
    for (int i = 0; i < size; i++) {
      all[i] = numbers[numbers.length == 1 ? 0 : i];
    }
    return all;
  }

  @Override
  public String type() {
    return "scale and shift";
  }

  @Override
  public int inputSize() {
    return scale.length;
  }

  @Override
  public long multiplyAdds() {
    return scale.length;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add(type()).add(scale.length);
    for (int i = 0; i < scale.length; i++) {
      fingerprint.add(scale[i]).add(shift[i]);
    }
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> {
      for (int i = 0; i < scale.length; i++) {
        y[yAt + i] = (float) Math.fma(scale[i], (double) x[xAt + i], shift[i]);
      }
    };
  }
}
