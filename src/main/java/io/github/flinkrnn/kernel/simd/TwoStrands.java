package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.broadcast;
import static io.github.flinkrnn.kernel.simd.VectorProduct.load;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Panels;
import io.github.flinkrnn.kernel.WeightForm;
import jdk.incubator.vector.FloatVector;

/**
 * Products with two strands: four vectors of rows for each strand. Reading two streams from memory
 * is about 1.5 times as fast as reading one. {@link TwoStrands16} has the loops for weights of 16
 * bits.
 */
record TwoStrands(Panels panels, Scalars scalars) implements VectorProduct {
  private static final int GROUP = 4 * LANES;

  @Override
  public void apply(float[] x, int xAt, float[] y, int yAt) {
    applyFrom(panels.start(), 0, x, xAt, y, yAt);
  }

  @Override
  public void applyFrom(float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    Affine atFirst = scalars.atFirst();
    if (atFirst != null) {
      atFirst.applyFrom(start, startAt, x, xAt, y, yAt);
      return;
    }
    int groups = panels.groups();
    for (int g = 0; g < groups; g++) {
      int row = panels.top(g);
      group(panels, g, start, startAt + row, x, xAt, y, yAt + row);
    }
  }

  @Override
  public int blocks() {
    return scalars.atFirst() == null ? panels.groups() : 1;
  }

  @Override
  public void applyBlock(int block, int blocks, float[] x, int xAt, float[] y, int yAt) {
    applyBlockFrom(block, blocks, panels.start(), 0, x, xAt, y, yAt);
  }

  @Override
  public void applyBlockFrom(
      int block, int blocks, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    if (blocks == 1) {
      applyFrom(start, startAt, x, xAt, y, yAt);
    } else {
      int row = panels.top(block);
      group(panels, block, start, startAt + row, x, xAt, y, yAt + row);
    }
  }

  @Override
  public void each(
      int count, float[][] start, int startAt, float[][] x, int xAt, float[][] y, int yAt) {
    if (panels.form() == WeightForm.FLOAT32) {
      TwoStrandsEach.apply(panels, count, start, startAt, x, xAt, y, yAt);
    } else {
      TwoStrandsEach16.apply(panels, count, start, startAt, x, xAt, y, yAt);
    }
  }

  /** Computes a group of rows. */
  static void group(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    switch (panels.form()) {
      case FLOAT32 -> floats(panels, g, start, startAt, x, xAt, y, yAt);
      case BFLOAT16 -> TwoStrands16.brainFloats(panels, g, start, startAt, x, xAt, y, yAt);
      case FLOAT16 -> TwoStrands16.halves(panels, g, start, startAt, x, xAt, y, yAt);
    }
  }

  private static void floats(
      Panels panels, int g, float[] start, int startAt, float[] x, int xAt, float[] y, int yAt) {
    float[] w = panels.weights();
    int width = panels.width();
    int size = panels.strandSize();
    int at = panels.at(g);
    FloatVector a0 = load(start, startAt);
    FloatVector a1 = load(start, startAt + LANES);
    FloatVector a2 = load(start, startAt + 2 * LANES);
    FloatVector a3 = load(start, startAt + 3 * LANES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector b1 = b0;
    FloatVector b2 = b0;
    FloatVector b3 = b0;
    int end = xAt + width;
    int base = at - xAt * GROUP;
    for (int k = xAt; k < end; k++) { // the index of x, which leaves more registers
      int p = base + k * GROUP;
      int p1 = p + size;
      FloatVector x0 = broadcast(x[k]);
      a0 = load(w, p).fma(x0, a0);
      a1 = load(w, p + LANES).fma(x0, a1);
      a2 = load(w, p + 2 * LANES).fma(x0, a2);
      a3 = load(w, p + 3 * LANES).fma(x0, a3);
      FloatVector x1 = broadcast(x[width + k]);
      b0 = load(w, p1).fma(x1, b0);
      b1 = load(w, p1 + LANES).fma(x1, b1);
      b2 = load(w, p1 + 2 * LANES).fma(x1, b2);
      b3 = load(w, p1 + 3 * LANES).fma(x1, b3);
    }
    a0 = a0.add(b0);
    a1 = a1.add(b1);
    a2 = a2.add(b2);
    a3 = a3.add(b3);
    int rest = panels.rest();
    int restAt = panels.restAt(g);
    for (int k = 0; k < rest; k++) {
      int p = restAt + k * GROUP;
      FloatVector v = broadcast(x[xAt + 2 * width + k]);
      a0 = load(w, p).fma(v, a0);
      a1 = load(w, p + LANES).fma(v, a1);
      a2 = load(w, p + 2 * LANES).fma(v, a2);
      a3 = load(w, p + 3 * LANES).fma(v, a3);
    }
    a0.intoArray(y, yAt);
    a1.intoArray(y, yAt + LANES);
    a2.intoArray(y, yAt + 2 * LANES);
    a3.intoArray(y, yAt + 3 * LANES);
  }
}
