package io.github.flinkrnn.layer;

import java.util.Random;
import org.ejml.data.FMatrixRMaj;

/** Seeded weights of one cell, in the form of the cell and in that of its documented equations. */
final class DocumentedWeights {
  private final FMatrixRMaj ih;
  private final FMatrixRMaj hh;
  private final float[] bih;
  private final float[] bhh;

  /**
   * @param n the rows of a gate; {@code nA} is the length of a
   */
  DocumentedWeights(int gates, int n, int nX, int nA, boolean bias, long seed) {
    Random random = new Random(seed);
    double scale = 1 / Math.sqrt(n);
    ih = FMatrixRMaj.wrap(gates * n, nX, numbers(random, scale, gates * n * nX));
    hh = FMatrixRMaj.wrap(gates * n, nA, numbers(random, scale, gates * n * nA));
    bih = bias ? numbers(random, scale, gates * n) : null;
    bhh = bias ? numbers(random, scale, gates * n) : null;
  }

  private static float[] numbers(Random random, double scale, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (scale * (2 * random.nextDouble() - 1));
    }
    return numbers;
  }

  FMatrixRMaj ih() {
    return ih;
  }

  FMatrixRMaj hh() {
    return hh;
  }

  float[] bih() {
    return bih;
  }

  float[] bhh() {
    return bhh;
  }

  DocumentedCell documented() {
    return new DocumentedCell(
        rows(ih),
        rows(hh),
        bih == null ? null : doubles(bih),
        bhh == null ? null : doubles(bhh),
        null);
  }

  private static double[][] rows(FMatrixRMaj matrix) {
    double[][] rows = new double[matrix.numRows][matrix.numCols];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < matrix.numCols; column++) {
        rows[row][column] = matrix.get(row, column);
      }
    }
    return rows;
  }

  static double[] doubles(float[] numbers) {
    double[] doubles = new double[numbers.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = numbers[i];
    }
    return doubles;
  }

  static float[] gaussian(Random random, int length) {
    float[] x = new float[length];
    for (int i = 0; i < length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
