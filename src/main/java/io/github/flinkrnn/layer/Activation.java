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

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      for (int i = 0; i < length; i++) {
        float of = z[zAt + i];
        y[yAt + i] = of <= 0 ? 0f : of;
      }
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
  /** z, or 0.01 z below 0. */
  LEAKY_RELU {
    @Override
    public float apply(float z) {
      return z < 0 ? 0.01f * z : z;
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      for (int i = 0; i < length; i++) {
        float of = z[zAt + i];
        y[yAt + i] = of < 0 ? 0.01f * of : of;
      }
    }
  },
  /** z, or e^z - 1 below 0, within 1e-7. */
  ELU {
    @Override
    public float apply(float z) {
      return z > 0 ? z : FloatMath.exp(z) - 1;
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      kernel.exp(z, zAt, y, yAt, length);
      for (int i = 0; i < length; i++) {
        float of = z[zAt + i];
        y[yAt + i] = of > 0 ? of : y[yAt + i] - 1;
      }
    }
  },
  /** z Φ(z), with Φ the distribution function of the standard normal distribution. */
  GELU {
    @Override
    public float apply(float z) {
      return ofGaussian(z, FloatMath.exp(gaussianExponent(z)));
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      for (int i = 0; i < length; i++) {
        y[yAt + i] = gaussianExponent(z[zAt + i]);
      }
      kernel.exp(y, yAt, length);
      for (int i = 0; i < length; i++) {
        y[yAt + i] = ofGaussian(z[zAt + i], y[yAt + i]);
      }
    }
  },
  /** z σ(2 √(2/π) (z + 0.044715 z³)): the approximation of {@link #GELU} by tanh. */
  GELU_TANH {
    @Override
    public float apply(float z) {
      return z * FloatMath.sigmoid(cubic(z));
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      for (int i = 0; i < length; i++) {
        y[yAt + i] = cubic(z[zAt + i]);
      }
      kernel.sigmoid(y, yAt, length);
      for (int i = 0; i < length; i++) {
        y[yAt + i] *= z[zAt + i];
      }
    }
  },
  /** z σ(z), also called swish. */
  SILU {
    @Override
    public float apply(float z) {
      return z * FloatMath.sigmoid(z);
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      kernel.sigmoid(z, zAt, y, yAt, length);
      for (int i = 0; i < length; i++) {
        y[yAt + i] *= z[zAt + i];
      }
    }
  },
  /**
   * ln(1 + e^z), or z above 20. It is the larger of 0 and z, and ln(1 + u) for u = e^-|z|, which is
   * 2 artanh(u / (2 + u)): a series in w = u / (2 + u), which is at most 1/3.
   */
  SOFTPLUS {
    @Override
    public float apply(float z) {
      return ofSoftplus(z, FloatMath.exp(-Math.abs(z)));
    }

    @Override
    public void apply(Kernel kernel, float[] z, int zAt, float[] y, int yAt, int length) {
      for (int i = 0; i < length; i++) {
        y[yAt + i] = -Math.abs(z[zAt + i]);
      }
      kernel.exp(y, yAt, length);
      for (int i = 0; i < length; i++) {
        y[yAt + i] = ofSoftplus(z[zAt + i], y[yAt + i]);
      }
    }
  },
  /** z / 6 + 1/2, clipped to 0 and 1: hard_sigmoid of Keras 3 and PyTorch, relu6(z + 3) / 6. */
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
  /** z, or 0.2 z below 0: leaky_relu of Keras. */
  LEAKY_RELU_FIFTH {
    @Override
    public float apply(float z) {
      return z < 0 ? 0.2f * z : z;
    }
  },
  /** 1.0507 z, or 1.0507 · 1.67326 (e^z - 1) below 0 (Klambauer et al. 2017). */
  SELU {
    @Override
    public float apply(float z) {
      return 1.050701f * (z > 0 ? z : 1.6732632f * (FloatMath.exp(z) - 1));
    }
  },
  /** e^z. */
  EXPONENTIAL {
    @Override
    public float apply(float z) {
      return FloatMath.exp(z);
    }
  },
  /** z / (1 + |z|). */
  SOFTSIGN {
    @Override
    public float apply(float z) {
      return z / (1 + Math.abs(z));
    }
  },
  /** z tanh(softplus z). */
  MISH {
    @Override
    public float apply(float z) {
      return z * FloatMath.tanh(SOFTPLUS.apply(z));
    }
  },
  /** ln σ(z). */
  LOG_SIGMOID {
    @Override
    public float apply(float z) {
      return z < -20 ? z : -SOFTPLUS.apply(-z);
    }
  },
  /** The larger of 0 and z, at most 6. */
  RELU6 {
    @Override
    public float apply(float z) {
      return z <= 0 ? 0f : Math.min(z, 6f);
    }
  },
  /** z hard_sigmoid(z), with that of Keras 3 and PyTorch. */
  HARD_SILU {
    @Override
    public float apply(float z) {
      return z * HARD_SIGMOID_SIXTH.apply(z);
    }
  },
  /** z, clipped to -1 and 1. */
  HARD_TANH {
    @Override
    public float apply(float z) {
      return Math.max(-1, Math.min(1, z));
    }
  },
  /** z - tanh z. */
  TANH_SHRINK {
    @Override
    public float apply(float z) {
      return z - FloatMath.tanh(z);
    }
  },
  /** z, or 0 from -0.5 to 0.5. */
  HARD_SHRINK {
    @Override
    public float apply(float z) {
      return Math.abs(z) <= 0.5f ? 0 : z;
    }
  },
  /** z, moved towards 0 by 0.5. */
  SOFT_SHRINK {
    @Override
    public float apply(float z) {
      return Math.abs(z) <= 0.5f ? 0 : z > 0 ? z - 0.5f : z + 0.5f;
    }
  },
  /** (z + √(z² + 4)) / 2. */
  SQUAREPLUS {
    @Override
    public float apply(float z) {
      return (float) ((z + Math.sqrt((double) z * z + 4)) / 2);
    }
  },
  /** 0 up to -1, (z + 1)² / 4 up to 1, then z. */
  SPARSE_PLUS {
    @Override
    public float apply(float z) {
      return z <= -1 ? 0 : z < 1 ? (z + 1) * (z + 1) / 4 : z;
    }
  },
  /** (z + 1) / 2, clipped to 0 and 1. */
  SPARSE_SIGMOID {
    @Override
    public float apply(float z) {
      return clipped(0.5 * z + 0.5);
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

  // 1 - erf(v) = t e^(-v² + p(t)) for v >= 0, with t = 1 / (1 + v/2), within 1.2e-7 of its size: a
  // Chebyshev fit (Press et al., Numerical Recipes). For GELU, v = |z| / √2.

  private static float gaussianExponent(float z) {
    double v = Math.abs(z) / Math.sqrt(2);
    double t = 1 / (1 + 0.5 * v);
    double p = 0.17087277;
    for (double coefficient : ERFC) {
      p = p * t + coefficient;
    }
    return (float) (-v * v + p);
  }

  private static float ofGaussian(float z, float exp) {
    double v = Math.abs(z) / Math.sqrt(2);
    double erfc = 1 / (1 + 0.5 * v) * exp;
    return (float) (z * 0.5 * (z <= 0 ? erfc : 2 - erfc));
  }

  private static float cubic(float z) {
    return (float) (2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z));
  }

  private static float ofSoftplus(float z, float u) {
    if (z > 20) {
      return z;
    }
    double w = u / (2.0 + u);
    double square = w * w;
    double series = 1 / 15.0;
    for (int odd = 13; odd > 0; odd -= 2) {
      series = series * square + 1.0 / odd;
    }
    return (float) (Math.max(0, z) + 2 * w * series);
  }

  private static final double[] ERFC = {
    -0.82215223,
    1.48851587,
    -1.13520398,
    0.27886807,
    -0.18628806,
    0.09678418,
    0.37409196,
    1.00002368,
    -1.26551223
  };

  // NaN stays NaN.
  private static float clipped(double z) {
    return (float) Math.max(0, Math.min(1, z));
  }
}
