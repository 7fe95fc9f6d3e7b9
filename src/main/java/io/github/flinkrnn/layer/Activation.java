package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.FloatMath;
import io.github.flinkrnn.kernel.Kernel;
import org.apache.flink.annotation.Internal;

/**
 * A function of one number, in a cell or between two layers of a head. It has the same bits on
 * every JVM, for single numbers and for arrays.
 */
@Internal
public enum Activation {
  /** tanh z. */
  TANH {
    @Override
    public float apply(float z) {
      return FloatMath.tanh(z);
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      kernel.tanh(z, zAt, y, yAt, length);
    }
  },
  /** The larger of 0 and z. */
  RELU {
    // Not Math.max(0, z): NaN must stay NaN, and -0 must not become part of a state.
    @Override
    public float apply(float z) {
      return z <= 0 ? 0f : z;
    }
  },
  /** 1 / (1 + e^-z). */
  SIGMOID {
    @Override
    public float apply(float z) {
      return FloatMath.sigmoid(z);
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      kernel.sigmoid(z, zAt, y, yAt, length);
    }
  },
  /** z / 6 + 1/2, clipped to 0 and 1: hard_sigmoid of Keras 3, relu6(z + 3) / 6. */
  HARD_SIGMOID_SIXTH {
    @Override
    public float apply(float z) {
      return clipped(z / 6.0 + 0.5);
    }
  },
  /** z / 5 + 1/2, clipped to 0 and 1: hard_sigmoid of Keras 2. */
  HARD_SIGMOID_FIFTH {
    @Override
    public float apply(float z) {
      return clipped(0.2 * z + 0.5);
    }
  },
  /** z. */
  IDENTITY {
    @Override
    public float apply(float z) {
      return z;
    }
  };

  /** The function value for one number. */
  public abstract float apply(float z);

  /**
   * The function values for {@code length} numbers of z from {@code zAt}.
   *
   * @param y receives the values from {@code yAt}; must not overlap z
   */
  public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = apply(z[zAt + i]);
    }
  }

  // NaN stays NaN.
  private static float clipped(double z) {
    return (float) Math.max(0, Math.min(1, z));
  }
}
