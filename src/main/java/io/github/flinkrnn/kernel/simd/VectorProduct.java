package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the products by vectors have in common. The loops over groups of rows are not: where one
 * call leads to several kinds of group, the compiler takes longer to make either fast, and the
 * result is slower.
 */
interface VectorProduct extends Affine {
  VectorSpecies<Float> SPECIES = SimdKernel.SPECIES;
  int LANES = SPECIES.length();

  /** The packed weights and the bias. */
  Panels panels();

  @Override
  default int rows() {
    return panels().rows();
  }

  @Override
  default int columns() {
    return panels().columns();
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
