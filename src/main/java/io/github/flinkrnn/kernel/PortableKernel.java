package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;

/**
 * Plain arrays and {@link Math#fma}, which every current processor has as one instruction; several
 * rows at a time in registers.
 */
public final class PortableKernel implements Kernel {
  @Override
  public String name() {
    return "portable";
  }

  @Override
  public Affine affine(FMatrixRMaj weights, float[] bias) {
    return PortableAffine.of(weights, bias);
  }

  @Override
  public void tanh(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.tanh(z[zAt + i]);
    }
  }

  @Override
  public void sigmoid(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.sigmoid(z[zAt + i]);
    }
  }

  @Override
  public void exp(float[] z, int zAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = FloatMath.exp(z[zAt + i]);
    }
  }

  @Override
  public void lstm(
      float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n) {
    for (int k = 0; k < n; k++) {
      float c = Math.fma(gates[n + k], previous[cAt + k], gates[k] * gates[3 * n + k]);
      next[cAt + k] = c;
      out[outAt + k] = gates[2 * n + k] * FloatMath.tanh(c);
    }
  }

  @Override
  public void gru(
      float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n) {
    for (int k = 0; k < n; k++) {
      float update = z[zAt + k];
      float rest = (1 - update) * FloatMath.tanh(candidate[k]);
      next[at + k] = Math.fma(update, previous[at + k], rest);
    }
  }
}
