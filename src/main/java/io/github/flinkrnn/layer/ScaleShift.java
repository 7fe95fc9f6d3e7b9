package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/**
 * y = scale ∘ x + shift, number by number: a batch normalization of a trained network, or features
 * that the network standardizes itself. In double, and rounded once, because a shift can be much
 * larger than y.
 */
@Internal
public final class ScaleShift implements Layer {
  private final String type;
  private final double[] scale;
  private final double[] shift;

  /**
   * @param size n, of x and y
   * @param scale [n], or one number for all
   * @param shift [n], or one number for all
   */
  public ScaleShift(int size, double[] scale, double[] shift) {
    this("scale and shift", filled(scale, size), filled(shift, size));
  }

  private ScaleShift(String type, double[] scale, double[] shift) {
    this.type = type;
    this.scale = scale;
    this.shift = shift;
  }

  /**
   * Batch normalization of a trained network (Ioffe and Szegedy 2015), the same as {@code
   * nn.BatchNorm1d} in PyTorch after {@code eval()}. It is a scale and a shift, because the
   * statistics are fixed after training:
   *
   * <pre>
   * y = (x - mean) / sqrt(variance + eps) ∘ weight + bias
   * </pre>
   *
   * @param mean [n]
   * @param variance [n], at least 0
   * @param eps added to the variance
   * @param weight [n], or null for ones
   * @param bias [n], or null for zeros
   */
  public static ScaleShift ofBatchNorm(
      float[] mean, float[] variance, double eps, float[] weight, float[] bias) {
    double[] scale = new double[mean.length];
    double[] shift = new double[mean.length];
    for (int i = 0; i < mean.length; i++) {
      scale[i] = (weight == null ? 1 : weight[i]) / Math.sqrt(variance[i] + eps);
      shift[i] = (bias == null ? 0 : bias[i]) - mean[i] * scale[i];
    }
    return new ScaleShift("batch_norm", scale, shift);
  }

  /** Whether all scales and shifts are finite in float32. */
  public boolean isFinite() {
    for (int i = 0; i < scale.length; i++) {
      if (!Float.isFinite((float) scale[i]) || !Float.isFinite((float) shift[i])) {
        return false;
      }
    }
    return true;
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
    return type;
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
    fingerprint.add("scale and shift").add(scale.length);
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
