package io.github.flinkrnn.model;

/**
 * From logits to a prediction: the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by). Computed in
 * double with StrictMath, whose results are the same on every JVM, and rounded once.
 */
public enum OutputActivation {
  /** y_i = e^z_i / sum_j e^z_j; shifted by the largest z, so that no e^z overflows. */
  SOFTMAX {
    @Override
    public float[] apply(float[] logits) {
      double largest = Double.NEGATIVE_INFINITY;
      for (float z : logits) {
        largest = Math.max(largest, z);
      }
      double[] exponentials = new double[logits.length];
      double sum = 0;
      for (int i = 0; i < logits.length; i++) {
        exponentials[i] = StrictMath.exp(logits[i] - largest);
        sum += exponentials[i];
      }
      float[] y = new float[logits.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = (float) (exponentials[i] / sum);
      }
      return y;
    }
  },
  /** y_i = 1 / (1 + e^-z_i), each output for itself. */
  SIGMOID {
    @Override
    public float[] apply(float[] logits) {
      float[] y = new float[logits.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = (float) (1 / (1 + StrictMath.exp(-logits[i])));
      }
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
