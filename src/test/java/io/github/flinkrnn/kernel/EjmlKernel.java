package io.github.flinkrnn.kernel;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.mult.MatrixVectorMult_FDRM;

/**
 * EJML's matrix-vector product, as the baseline. It adds along each row from left to right in
 * float32 without fma, so its bits differ from those of {@link Affine}. Array operations are those
 * of the portable kernel.
 */
public final class EjmlKernel implements Kernel {
  @Override
  public String name() {
    return "ejml";
  }

  private final PortableKernel arrays = new PortableKernel();

  @Override
  public void tanh(float[] z, int zAt, float[] y, int yAt, int length) {
    arrays.tanh(z, zAt, y, yAt, length);
  }

  @Override
  public void sigmoid(float[] z, int zAt, float[] y, int yAt, int length) {
    arrays.sigmoid(z, zAt, y, yAt, length);
  }

  @Override
  public void exp(float[] z, int zAt, float[] y, int yAt, int length) {
    arrays.exp(z, zAt, y, yAt, length);
  }

  @Override
  public boolean isFinite(float[] numbers, int at, int length) {
    boolean finite = true;
    for (int i = at; i < at + length; i++) {
      finite &= Float.isFinite(numbers[i]);
    }
    return finite;
  }

  @Override
  public void lstm(
      float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n) {
    arrays.lstm(gates, previous, next, cAt, out, outAt, n);
  }

  @Override
  public void gru(
      float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n) {
    arrays.gru(z, zAt, candidate, previous, next, at, n);
  }

  @Override
  public void sum(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y) {
    arrays.sum(start, columns, x, rows, rowAt, y);
  }

  @Override
  public Affine affine(FMatrixRMaj weights, float[] bias) {
    if (bias != null && bias.length != weights.getNumRows()) {
      throw new IllegalArgumentException(
          "expected a bias of " + weights.getNumRows() + " numbers, found " + bias.length);
    }
    return new EjmlAffine(weights, bias);
  }

  private record EjmlAffine(FMatrixRMaj weights, float[] bias) implements Affine {
    @Override
    public int rows() {
      return weights.getNumRows();
    }

    @Override
    public int columns() {
      return weights.getNumCols();
    }

    @Override
    public void row(int row, float[] w, int at) {
      System.arraycopy(weights.getData(), row * columns(), w, at, columns());
    }

    @Override
    public void apply(float[] x, int xAt, float[] y, int yAt) {
      applyFrom(bias == null ? new float[rows()] : bias, 0, x, xAt, y, yAt);
    }

    @Override
    public void applyOneHot(int column, float[] y, int yAt) {
      for (int row = 0; row < rows(); row++) {
        y[yAt + row] = weights.get(row, column) + (bias == null ? 0 : bias[row]);
      }
    }

    @Override
    public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
      FMatrixRMaj of = FMatrixRMaj.wrap(columns(), 1, Arrays.copyOfRange(x, xAt, xAt + columns()));
      FMatrixRMaj to = new FMatrixRMaj(rows(), 1);
      MatrixVectorMult_FDRM.mult(weights, of, to);
      for (int row = 0; row < rows(); row++) {
        y[yAt + row] = to.get(row, 0) + start[startAt + row];
      }
    }
  }
}
