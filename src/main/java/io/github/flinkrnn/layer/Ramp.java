package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/**
 * The rectified linear functions with parameters:
 *
 * <pre>
 * y = min(x, most) above the threshold, and slope (x - threshold) from there down
 * </pre>
 */
@Internal
public final class Ramp implements Layer {
  private final int size;
  private final float[] slope;
  private final float threshold;
  private final float most;

  /**
   * @param size n
   * @param slope one number for all, or [n]
   * @param most the upper bound; ∞ for none
   */
  public Ramp(int size, float[] slope, float threshold, float most) {
    this.size = size;
    this.slope = slope;
    this.threshold = threshold;
    this.most = most;
  }

  @Override
  public String type() {
    return "ramp";
  }

  @Override
  public int inputSize() {
    return size;
  }

  @Override
  public long multiplyAdds() {
    return 0;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("ramp").add(size).add(slope).add(threshold).add(most);
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> {
      for (int i = 0; i < size; i++) {
        float z = x[xAt + i];
        // NaN stays NaN.
        y[yAt + i] =
            z > threshold
                ? Math.min(z, most)
                : slope[slope.length == 1 ? 0 : i] * (z - threshold) + 0f;
      }
    };
  }
}
