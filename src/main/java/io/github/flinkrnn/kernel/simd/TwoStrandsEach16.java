package io.github.flinkrnn.kernel.simd;

import static io.github.flinkrnn.kernel.simd.VectorProduct.LANES;

import io.github.flinkrnn.kernel.Panels;
import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.kernel.WeightForm;
import io.github.flinkrnn.kernel.WeightMemory;

/**
 * Products of several x with two strands and weights of 16 bits. Some columns at a time are widened
 * into an array that the first-level cache holds, once for all x, and the tiles of {@link
 * TwoStrandsEach} read that. To widen the weights in every tile would take instructions that
 * compete with its multiply-adds.
 */
final class TwoStrandsEach16 {
  private static final int PAIRS = 2 * LANES; // of a group in a column
  private static final int AT_ONCE = 128; // columns: 32 KB with vectors of 512 bits
  private static final float[][] ZEROS = {new float[4 * LANES]};
  private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

  /** The widened weights, and the accumulators of the second strand. */
  private record Work(WeightMemory.Place<float[]> weights, Room second) {
    Work() {
      this(WeightMemory.floats(AT_ONCE * 4 * LANES), new Room(4 * LANES));
    }
  }

  private TwoStrandsEach16() {}

  /**
   * y[i] = W x[i] + start[i].
   *
   * @param start of each, or a single one for all
   */
  static void apply(
      Panels panels,
      int count,
      float[][] start,
      int startAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt) {
    int inTiles = TwoStrandsEach.inTiles(count);
    Work work = WORK.get();
    for (int g = 0; g < panels.groups(); g++) {
      int row = panels.top(g);
      if (inTiles > 0) {
        group(panels, g, work, inTiles, start, startAt + row, x, xAt, y, yAt + row);
      }
      for (int i = inTiles; i < count; i++) {
        float[] own = start[start.length == 1 ? 0 : i];
        TwoStrands.group(panels, g, own, startAt + row, x[i], xAt, y[i], yAt + row);
      }
    }
  }

  private static void group(
      Panels panels,
      int g,
      Work work,
      int count,
      float[][] start,
      int startAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt) {
    int width = panels.width();
    int at = panels.at(g);
    // At least once, even if there are no columns: y must receive the start.
    for (int k = 0; k == 0 || k < width; k += AT_ONCE) {
      int some = Math.min(AT_ONCE, width - k);
      float[][] from = k == 0 ? start : y;
      int fromAt = k == 0 ? startAt : yAt;
      columns(panels, at + k * PAIRS, some, work, from, fromAt, x, xAt + k, y, yAt, count, false);
    }
    at += panels.strandSize();
    float[][] second = width > AT_ONCE ? work.second.of(count) : ZEROS;
    for (int k = 0; k == 0 || k < width; k += AT_ONCE) {
      int some = Math.min(AT_ONCE, width - k);
      boolean isLast = k + some == width;
      float[][] from = k == 0 ? ZEROS : second;
      float[][] to = isLast ? y : second;
      int toAt = isLast ? yAt : 0;
      columns(
          panels, at + k * PAIRS, some, work, from, 0, x, xAt + width + k, to, toAt, count, isLast);
    }
    if (panels.rest() > 0) {
      int restAt = panels.restAt(g);
      columns(
          panels, restAt, panels.rest(), work, y, yAt, x, xAt + 2 * width, y, yAt, count, false);
    }
  }

  /** Adds columns to the accumulators of all x. The first tile of four also widens them. */
  private static void columns(
      Panels panels,
      int at,
      int width,
      Work work,
      float[][] from,
      int fromAt,
      float[][] x,
      int xAt,
      float[][] y,
      int yAt,
      int count,
      boolean adds) {
    int[] pairs = panels.pairs();
    float[] w = work.weights.array();
    int wAt = work.weights.at();
    int first = 0;
    if (TwoStrandsEach.HAS_32_REGISTERS && panels.form() == WeightForm.BFLOAT16) {
      Widening.columnsOfFour(
          pairs, at, width, from, fromAt, x, xAt, y, yAt, count - 1, adds, w, wAt);
      first = TwoStrandsEach.IN_A_TILE;
    } else {
      Widening.columns(panels.form(), pairs, at, width, w, wAt);
    }
    TwoStrandsEach.tiles(w, wAt, width, from, fromAt, x, xAt, y, yAt, first, count, adds);
  }
}
