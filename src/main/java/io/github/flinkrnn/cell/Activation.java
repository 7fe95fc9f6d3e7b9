package io.github.flinkrnn.cell;

/**
 * A function of one number, inside a cell or between two layers of a head. Computed in double with
 * StrictMath, for Math.tanh and Math.exp may differ in their last bit from one JVM to the next, and
 * rounded once.
 */
public enum Activation {
  /** tanh z. */
  TANH {
    @Override
    public float apply(float z) {
      return (float) StrictMath.tanh(z);
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
      return (float) (1 / (1 + StrictMath.exp(-z)));
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

  // A NaN stays one.
  private static float clipped(double z) {
    return (float) Math.max(0, Math.min(1, z));
  }
}
