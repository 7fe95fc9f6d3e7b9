package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;

/**
 * Products with fewer rows than a vector has lanes, as in a small head. Rows of zeros fill the
 * vector, and their sums are dropped. A narrower vector would work too, but a JVM that uses two
 * vector widths compiles slow code for both.
 */
final class FewRows implements Affine {
  private static final int AT_ONCE = 4; // as in FourStrandsEach

  /** Whole vectors, of which only the rows are used. */
  private record Room(float[][] start, float[][] y) {
    Room() {
      this(
          new float[AT_ONCE][SimdKernel.SPECIES.length()],
          new float[AT_ONCE][SimdKernel.SPECIES.length()]);
    }
  }

  private static final ThreadLocal<Room> ROOM = ThreadLocal.withInitial(Room::new);

  private final int rows;
  private final Affine filledUp;

  private FewRows(int rows, Affine filledUp) {
    this.rows = rows;
    this.filledUp = filledUp;
  }

  static FewRows of(FMatrixRMaj weights, float[] bias, WarmUp warmUp) {
    int rows = weights.getNumRows();
    if (bias != null && bias.length != rows) {
      throw new IllegalArgumentException(
          "expected a bias of " + rows + " numbers, found " + bias.length);
    }
    int lanes = SimdKernel.SPECIES.length();
    FMatrixRMaj filledUp = weights.copy();
    filledUp.reshape(lanes, weights.getNumCols(), true);
    float[] start = bias == null ? null : Arrays.copyOf(bias, lanes);
    return new FewRows(
        rows,
        new FourStrandsNarrow(Panels.of(filledUp, start, lanes), Scalars.of(filledUp, warmUp)));
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
  public long bytes() {
    return filledUp.bytes();
  }

  @Override
  public void row(int row, float[] w, int at) {
    filledUp.row(row, w, at);
  }

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    float[] whole = ROOM.get().y[0];
    filledUp.apply(x, xAt, whole, 0);
    System.arraycopy(whole, 0, y, yAt, rows);
  }

  @Override
  public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    Room room = ROOM.get();
    System.arraycopy(start, startAt, room.start[0], 0, rows);
    filledUp.applyFrom(room.start[0], 0, x, xAt, room.y[0], 0);
    System.arraycopy(room.y[0], 0, y, yAt, rows);
  }

  @Override
  public void applyEach(int count, float[][] x, int xAt, float[][] y, int yAt) {
    applyEachFrom(count, null, 0, x, xAt, y, yAt);
  }

  @Override
  public void applyEachFrom(
      int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt) {
    Room room = ROOM.get();
    for (int first = 0; first < count; first += AT_ONCE) {
      int some = Math.min(AT_ONCE, count - first);
      float[][] its = Arrays.copyOfRange(x, first, first + some);
      if (start == null) {
        filledUp.applyEach(some, its, xAt, room.y, 0);
      } else {
        for (int i = 0; i < some; i++) {
          System.arraycopy(start[first + i], startAt, room.start[i], 0, rows);
        }
        filledUp.applyEachFrom(some, room.start, 0, its, xAt, room.y, 0);
      }
      for (int i = 0; i < some; i++) {
        System.arraycopy(room.y[i], 0, y[first + i], yAt, rows);
      }
    }
  }

  @Override
  public void applyOneHot(int column, float[] y, int yAt) {
    float[] whole = ROOM.get().y[0];
    filledUp.applyOneHot(column, whole, 0);
    System.arraycopy(whole, 0, y, yAt, rows);
  }
}
