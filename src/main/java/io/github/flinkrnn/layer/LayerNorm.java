package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/**
 * Normalization of a vector by its own statistics, the same as {@code nn.LayerNorm} (Ba et al.
 * 2016) and {@code nn.RMSNorm} (Zhang and Sennrich 2019) in PyTorch:
 *
 * <pre>
 * layer norm: y = (x - mean(x)) / sqrt(variance(x) + eps) ∘ weight + bias
 * RMS norm:   y = x / sqrt(mean(x²) + eps) ∘ weight
 * </pre>
 *
 * Sums are in double, in a fixed order, so that every machine computes the same bits.
 */
@Internal
public final class LayerNorm implements Layer {
  private final int size;
  private final boolean isCentred;
  private final double eps;
  private final float[] weight;
  private final float[] bias;

  /**
   * @param size n
   * @param isCentred whether the mean is subtracted: a layer norm; otherwise an RMS norm
   * @param eps added to the variance, or to the mean of the squares
   * @param weight [n], or null for ones
   * @param bias [n], or null for zeros
   */
  public LayerNorm(int size, boolean isCentred, double eps, float[] weight, float[] bias) {
    this.size = size;
    this.isCentred = isCentred;
    this.eps = eps;
    this.weight = weight;
    this.bias = bias;
  }

  @Override
  public String type() {
    return isCentred ? "layer_norm" : "rms_norm";
  }

  @Override
  public int inputSize() {
    return size;
  }

  @Override
  public long multiplyAdds() {
    return 3L * size;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add(type()).add(size).add(eps).add(weight).add(bias);
  }

  @Override
  public Stepper stepper() {
    return this::apply;
  }

  private void apply(
      float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
    double mean = isCentred ? sum(x, xAt, 0, false) / size : 0;
    double deviation = Math.sqrt(sum(x, xAt, mean, true) / size + eps);
    for (int i = 0; i < size; i++) {
      double normal = (x[xAt + i] - mean) / deviation;
      double scaled = weight == null ? normal : normal * weight[i];
      y[yAt + i] = (float) (bias == null ? scaled : scaled + bias[i]);
    }
  }

  /** The sum of the differences from the mean, or of their squares, in four strands. */
  private double sum(float[] x, int xAt, double mean, boolean squared) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= size; i += 4) {
      double d0 = x[xAt + i] - mean;
      double d1 = x[xAt + i + 1] - mean;
      double d2 = x[xAt + i + 2] - mean;
      double d3 = x[xAt + i + 3] - mean;
      s0 += squared ? d0 * d0 : d0;
      s1 += squared ? d1 * d1 : d1;
      s2 += squared ? d2 * d2 : d2;
      s3 += squared ? d3 * d3 : d3;
    }
    for (; i < size; i++) {
      double d = x[xAt + i] - mean;
      s0 += squared ? d * d : d;
    }
    return s0 + s1 + (s2 + s3);
  }
}
