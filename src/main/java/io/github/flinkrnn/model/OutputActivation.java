package io.github.flinkrnn.model;

import io.github.flinkrnn.kernel.Kernel;

/**
 * From logits to a prediction: the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by), with the same
 * bits on every JVM.
 */
public enum OutputActivation {
  /** y_i = e^z_i / sum_j e^z_j; shifted by the largest z, so that no e^z overflows. */
  SOFTMAX {
    @Override
    public float[] apply(float[] logits) {
      float largest = Float.NEGATIVE_INFINITY;
      for (float z : logits) {
        largest = Math.max(largest, z);
      }
      float[] below = new float[logits.length];
      for (int i = 0; i < below.length; i++) {
        below[i] = logits[i] - largest;
      }
      float[] y = new float[logits.length];
      Kernel.best().exp(below, 0, y, 0, y.length);
      double sum = 0; // one after the other, whatever the width of a vector
      for (float exponential : y) {
        sum += exponential;
      }
      for (int i = 0; i < y.length; i++) {
        y[i] = (float) (y[i] / sum);
      }
      return y;
    }
  },
  /** y_i = 1 / (1 + e^-z_i), each output for itself. */
  SIGMOID {
    @Override
    public float[] apply(float[] logits) {
      float[] y = new float[logits.length];
      Kernel.best().sigmoid(logits, 0, y, 0, y.length);
      return y;
    }
  },
  /** y_i = z_i. */
  IDENTITY {
    @Override
    public float[] apply(float[] logits) {
      return logits.clone();
    }
  };

  /** A new array: y for these logits. */
  public abstract float[] apply(float[] logits);
}
