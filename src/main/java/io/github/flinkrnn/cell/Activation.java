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
  /** z. */
  IDENTITY {
    @Override
    public float apply(float z) {
      return z;
    }
  };

  public abstract float apply(float z);
}
