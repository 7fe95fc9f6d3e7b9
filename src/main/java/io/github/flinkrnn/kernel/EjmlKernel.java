package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.mult.MatrixVectorMult_FDRM;

/**
 * EJML's matrix-vector product. It adds along each row from left to right in float32, and Java 17
 * neither reorders nor fuses float operations, so its bits are the same everywhere.
 */
public final class EjmlKernel implements Kernel {
  @Override
  public String name() {
    return "ejml";
  }

  @Override
  public Affine affine(FMatrixRMaj weights, float[] bias) {
    if (bias != null && bias.length != weights.getNumRows()) {
      throw new IllegalArgumentException(
          "a bias of " + bias.length + " for " + weights.getNumRows() + " rows");
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
    public void apply(float[] x, float[] y) {
      MatrixVectorMult_FDRM.mult(
          weights, FMatrixRMaj.wrap(columns(), 1, x), FMatrixRMaj.wrap(rows(), 1, y));
      if (bias != null) {
        for (int row = 0; row < bias.length; row++) {
          y[row] += bias[row];
        }
      }
    }
  }
}
