package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.FloatMath;
import org.apache.flink.annotation.Internal;

/** y = x, or α (e^x - 1) below 0: an ELU with another α than 1. */
@Internal
public final class ScaledElu implements Layer {
  private final int size;
  private final float alpha;

  /**
   * @param size n
   */
  public ScaledElu(int size, float alpha) {
    this.size = size;
    this.alpha = alpha;
  }

  @Override
  public String type() {
    return "elu of " + alpha;
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
    fingerprint.add("elu").add(size).add(alpha);
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> {
      for (int i = 0; i < size; i++) {
        float z = x[xAt + i];
        y[yAt + i] = z > 0 ? z : alpha * (FloatMath.exp(z) - 1);
      }
    };
  }
}
