package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Panels;
import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/**
 * Products with fewer rows than a vector has lanes, as in a small head. Rows of zeros fill the
 * vector, and their sums are dropped. A narrower vector would work too, but a JVM that uses two
 * vector widths compiles slow code for both.
 */
final class FewRows implements Affine {
  // Receives the whole vector, from which the rows are copied.
  private static final ThreadLocal<float[]> SUMS =
      ThreadLocal.withInitial(() -> new float[SimdKernel.SPECIES.length()]);

  private final int rows;
  private final Affine filledUp;
  private final Affine scalars; // for a start without padding

  private FewRows(int rows, Affine filledUp, Affine scalars) {
    this.rows = rows;
    this.filledUp = filledUp;
    this.scalars = scalars;
  }

  static FewRows of(FMatrixRMaj weights, float[] bias, Kernel scalars, WarmUp warmUp) {
    int lanes = SimdKernel.SPECIES.length();
    FMatrixRMaj filledUp = weights.copy();
    filledUp.reshape(lanes, weights.getNumCols(), true);
    float[] start = bias == null ? null : Arrays.copyOf(bias, lanes);
    return new FewRows(
        weights.getNumRows(),
        new FourStrandsNarrow(Panels.of(filledUp, start, lanes), Scalars.of(filledUp, warmUp)),
        scalars.affine(weights, bias));
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return filledUp.columns();
  }

  @Override
  public void row(int row, float[] w, int at) {
    scalars.row(row, w, at);
  }

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    float[] sums = SUMS.get();
    filledUp.apply(x, xAt, sums, 0);
    System.arraycopy(sums, 0, y, yAt, rows);
  }

  @Override
  public void applyOneHot(int column, float[] y, int yAt) {
    scalars.applyOneHot(column, y, yAt);
  }

  @Override
  public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    scalars.applyFrom(start, startAt, x, xAt, y, yAt);
  }
}
