package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Kernel;
import org.apache.flink.annotation.Internal;

/**
 * y_i = e^x_i / sum_j e^x_j, or its logarithm, between two layers. The largest x is subtracted
 * first, so that no e^x overflows. The sum is in double and in order.
 */
@Internal
public final class Softmax implements Layer {
  private final int size;
  private final boolean isLog;
  private final Kernel kernel;

  /**
   * @param size n, of x and y
   * @param isLog whether y is the logarithm
   */
  public Softmax(int size, boolean isLog, Kernel kernel) {
    this.size = size;
    this.isLog = isLog;
    this.kernel = kernel;
  }

  @Override
  public String type() {
    return isLog ? "log_softmax" : "softmax";
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
    fingerprint.add(type()).add(size);
  }

  @Override
  public Stepper stepper() {
    float[] shifted = new float[size];
    float[] powers = new float[size];
    return (x, xAt, previous, next, at, y, yAt) -> {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        largest = x[xAt + i] > largest ? x[xAt + i] : largest;
      }
      for (int i = 0; i < size; i++) {
        shifted[i] = x[xAt + i] - largest;
      }
      kernel.exp(shifted, 0, powers, 0, size);
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += powers[i];
      }
      double logOfSum = isLog ? StrictMath.log(sum) : 0;
      for (int i = 0; i < size; i++) {
        y[yAt + i] = (float) (isLog ? shifted[i] - logOfSum : powers[i] / sum);
      }
    };
  }
}
