package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import io.github.flinkrnn.kernel.WeightForm;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The common part of the vector products. The loops over groups of rows are not shared: with a call
 * site for several kinds of groups, compilation takes longer and the code is slower.
 */
interface VectorProduct extends Affine {
  VectorSpecies<Float> SPECIES = SimdKernel.SPECIES;
  int LANES = SPECIES.length();

  /** The packed weights and the bias. */
  Panels panels();

  /** Computes until vectors are fast. */
  Scalars scalars();

  /**
   * The products of several x with vectors.
   *
   * @param start of each, or a single one for all
   */
  void each(int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt);

  @Override
  default void applyEach(int count, float[][] x, int xAt, float[][] y, int yAt) {
    if (count == 1 || scalars().atFirst() != null) {
      Affine.super.applyEach(count, x, xAt, y, yAt);
    } else {
      each(count, new float[][] {panels().start()}, 0, x, xAt, y, yAt);
    }
  }

  @Override
  default void applyEachFrom(
      int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt) {
    if (count == 1 || scalars().atFirst() != null) {
      Affine.super.applyEachFrom(count, start, startAt, x, xAt, y, yAt);
    } else {
      each(count, start, startAt, x, xAt, y, yAt);
    }
  }

  @Override
  default int rows() {
    return panels().rows();
  }

  @Override
  default int columns() {
    return panels().columns();
  }

  @Override
  default WeightForm form() {
    return panels().form();
  }

  @Override
  default long bytes() {
    return panels().bytes();
  }

  @Override
  default void row(int row, float[] w, int at) {
    panels().row(row, w, at);
  }

  @Override
  default void applyOneHot(int column, float[] y, int yAt) {
    panels().oneHot(column, y, yAt);
  }

  static FloatVector load(float[] numbers, int at) {
    return FloatVector.fromArray(SPECIES, numbers, at);
  }

  static FloatVector broadcast(float number) {
    return FloatVector.broadcast(SPECIES, number);
  }
}
