package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A product by vectors, group of rows by group of rows; scalars compute it until vectors are fast.
 * How many vectors of rows a group has, and how many strands, is what its kinds differ in.
 */
abstract class VectorProduct implements Affine {
  private static final VectorSpecies<Float> SPECIES = SimdKernel.SPECIES;

  final Panels panels;
  final Scalars scalars;

  VectorProduct(Panels panels, Scalars scalars) {
    this.panels = panels;
    this.scalars = scalars;
  }

  /**
   * The rows of one group.
   *
   * @param start holds what they begin from, from {@code startAt}
   * @param y receives them from {@code yAt}
   */
  abstract void group(int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt);

  @Override
  public final int rows() {
    return panels.rows();
  }

  @Override
  public final int columns() {
    return panels.columns();
  }

  @Override
  public final void row(int row, float[] w, int at) {
    panels.row(row, w, at);
  }

  @Override
  public final void apply(float[] x, int xAt, float[] y, int yAt) {
    applyFrom(panels.start(), 0, x, xAt, y, yAt);
  }

  @Override
  public final void applyOneHot(int column, float[] y, int yAt) {
    panels.oneHot(column, y, yAt);
  }

  @Override
  public final void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    Affine atFirst = scalars.atFirst();
    if (atFirst != null) {
      atFirst.applyFrom(start, startAt, x, xAt, y, yAt);
      return;
    }
    int groups = panels.groups();
    for (int g = 0; g < groups; g++) {
      int row = panels.top(g);
      group(g, start, startAt + row, x, xAt, y, yAt + row);
    }
  }

  static FloatVector load(float[] numbers, int at) {
    return FloatVector.fromArray(SPECIES, numbers, at);
  }

  static FloatVector broadcast(float number) {
    return FloatVector.broadcast(SPECIES, number);
  }
}
