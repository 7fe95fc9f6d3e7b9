package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/**
 * Batch normalization of a trained network (Ioffe and Szegedy 2015): a scale and a shift of each
 * number, because the statistics are fixed after training. The same as {@code nn.BatchNorm1d} in
 * PyTorch after {@code eval()}:
 *
 * <pre>
 * y = (x - mean) / sqrt(variance + eps) ∘ weight + bias = scale ∘ x + shift
 * </pre>
 */
@Internal
public final class BatchNorm implements Layer {
  private final float[] scale;
  private final float[] shift;

  private BatchNorm(float[] scale, float[] shift) {
    this.scale = scale;
    this.shift = shift;
  }

  /**
   * Computes scale and shift in double, and rounds them once.
   *
   * @param mean [n]
   * @param variance [n], at least 0
   * @param eps added to the variance
   * @param weight [n], or null for ones
   * @param bias [n], or null for zeros
   */
  public static BatchNorm of(
      float[] mean, float[] variance, double eps, float[] weight, float[] bias) {
    float[] scale = new float[mean.length];
    float[] shift = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      double factor = (weight == null ? 1 : weight[i]) / Math.sqrt(variance[i] + eps);
      scale[i] = (float) factor;
      shift[i] = (float) ((bias == null ? 0 : bias[i]) - mean[i] * factor);
    }
    return new BatchNorm(scale, shift);
  }

  /** Whether all scales and shifts are finite. */
  public boolean isFinite() {
    for (int i = 0; i < scale.length; i++) {
      if (!Float.isFinite(scale[i]) || !Float.isFinite(shift[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String type() {
    return "batch_norm";
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
    fingerprint.add("batch_norm").add(scale).add(shift);
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> {
      for (int i = 0; i < scale.length; i++) {
        y[yAt + i] = Math.fma(scale[i], x[xAt + i], shift[i]);
      }
    };
  }
}
