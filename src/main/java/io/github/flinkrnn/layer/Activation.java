package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.FloatMath;
import io.github.flinkrnn.kernel.Kernel;

/**
 * A function of one number, inside a cell or between two layers of a head. The same bits on every
 * JVM, for one number and for arrays.
 */
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
    // Not Math.max(0, z): a NaN must stay one, and -0 must not become part of a state.
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
  /** The line z / 6 + 1/2 cut off at 0 and 1: Keras 3's hard_sigmoid, relu6(z + 3) / 6. */
  HARD_SIGMOID_SIXTH {
    @Override
    public float apply(float z) {
      return clipped(z / 6.0 + 0.5);
    }
  },
  /** The line z / 5 + 1/2 cut off at 0 and 1: Keras 2's hard_sigmoid. */
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

  public abstract float apply(float z);

  /**
   * The same for {@code length} numbers of z from {@code zAt}.
   *
   * @param y receives them from {@code yAt}; must not overlap z
   */
  public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = apply(z[zAt + i]);
    }
  }

  // A NaN stays one.
  private static float clipped(double z) {
    return (float) Math.max(0, Math.min(1, z));
  }
}
