package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import org.apache.flink.annotation.Internal;

/**
 * Computes a prediction from logits: the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by), with the
 * same bits on every JVM.
 */
@Internal
public enum OutputActivation {
  /** y_i = e^z_i / sum_j e^z_j, after subtracting the largest z, so that no e^z overflows. */
  SOFTMAX {
    @Override
    public float[] apply(float[] logits, float[] scratch) {
      int n = logits.length;
      float largest = Float.NEGATIVE_INFINITY;
      for (float z : logits) {
        largest = z > largest ? z : largest; // a NaN makes every y NaN
      }
      for (int i = 0; i < n; i++) {
        scratch[i] = logits[i] - largest;
      }
      Kernel.best().exp(scratch, 0, scratch, n, n);
      double sum = 0; // in order, independent of the vector width
      for (int i = 0; i < n; i++) {
        sum += scratch[n + i];
      }
      double share = 1 / sum;
      float[] y = new float[n];
      for (int i = 0; i < n; i++) {
        y[i] = (float) (scratch[n + i] * share);
      }
      return y;
    }

    @Override
    public float[][] applyEach(int count, float[][] logits) {
      int n = count == 0 ? 0 : logits[0].length;
      float[] shifted = new float[count * n];
      float[] powers = new float[count * n];
      for (int i = 0; i < count; i++) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float z : logits[i]) {
          largest = z > largest ? z : largest;
        }
        for (int k = 0; k < n; k++) {
          shifted[i * n + k] = logits[i][k] - largest;
        }
      }
      Kernel.best().exp(shifted, 0, powers, 0, shifted.length);
      float[][] y = new float[count][]; // two dimensions at once would be allocated slowly
      for (int i = 0; i < count; i++) {
        y[i] = new float[n];
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += powers[i * n + k];
        }
        double share = 1 / sum;
        for (int k = 0; k < n; k++) {
          y[i][k] = (float) (powers[i * n + k] * share);
        }
      }
      return y;
    }
  },
  /** y_i = 1 / (1 + e^-z_i). */
  SIGMOID {
    @Override
    public float[] apply(float[] logits, float[] scratch) {
      float[] y = new float[logits.length];
      Kernel.best().sigmoid(logits, 0, y, 0, y.length);
      return y;
    }

    @Override
    public float[][] applyEach(int count, float[][] logits) {
      int n = count == 0 ? 0 : logits[0].length;
      float[] all = new float[count * n];
      for (int i = 0; i < count; i++) {
        System.arraycopy(logits[i], 0, all, i * n, n);
      }
      float[] values = new float[all.length];
      Kernel.best().sigmoid(all, 0, values, 0, all.length);
      float[][] y = new float[count][];
      for (int i = 0; i < count; i++) {
        y[i] = new float[n];
        System.arraycopy(values, i * n, y[i], 0, n);
      }
      return y;
    }
  },
  /** y_i = z_i. */
  IDENTITY {
    @Override
    public float[] apply(float[] logits, float[] scratch) {
      return logits.clone();
    }
  };

  /**
   * Computes the y of several logits, each with the same bits; new arrays. Functions of numbers are
   * computed for all of them at once, which is faster for few outputs.
   *
   * @param count how many: the first ones
   * @param logits [n_y] each
   */
  public float[][] applyEach(int count, float[][] logits) {
    float[][] y = new float[count][];
    for (int i = 0; i < count; i++) {
      y[i] = apply(logits[i]);
    }
    return y;
  }

  /** Working memory for a number of outputs. */
  public static float[] scratch(int outputs) {
    return new float[2 * outputs];
  }

  /**
   * Computes y, [n_y]; a new array.
   *
   * @param logits [n_y]
   * @param scratch from {@link #scratch} for n_y outputs; overwritten
   */
  public abstract float[] apply(float[] logits, float[] scratch);

  /** Computes y, [n_y]; a new array. */
  public float[] apply(float[] logits) {
    return apply(logits, scratch(logits.length));
  }
}
