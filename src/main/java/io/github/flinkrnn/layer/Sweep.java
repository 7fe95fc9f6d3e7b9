package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;

/**
 * Computes the products of a step block by block, in alternating direction. If the weights do not
 * fit in a cache, the cache still holds the blocks that were read last, so the next step starts
 * with them. In a fixed order, every block would be evicted just before it is needed. The order of
 * blocks does not change the bits. Each stepper has its own; not thread-safe.
 */
final class Sweep {
  private boolean back;

  /**
   * y = Wx x + b + Wa a.
   *
   * @param ofX Wx and b, [rows × n_x]
   * @param fromX receives Wx x + b, from index 0
   * @param ofA Wa, [rows × n_a]
   * @param y receives the sum, from index 0
   */
  void through(
      Affine ofX, float[] x, int xAt, float[] fromX, Affine ofA, float[] a, int aAt, float[] y) {
    back = !back;
    int blocks = Math.min(ofX.blocks(), ofA.blocks());
    for (int turn = 0; turn < blocks; turn++) {
      int block = block(turn, blocks);
      ofX.applyBlock(block, blocks, x, xAt, fromX, 0);
      ofA.applyBlockFrom(block, blocks, fromX, 0, a, aAt, y, 0);
    }
  }

  /**
   * y = Wx x + b + Wa a for the first rows of Wx, and z = V a + c. On the way back, V is first.
   *
   * @param ofX Wx and b, [rows × n_x]
   * @param fromX receives Wx x + b, from index 0
   * @param ofA Wa, with at most as many rows
   * @param y receives the sum, from index 0
   * @param other V and c
   * @param z receives V a + c, from index 0
   */
  void through(
      Affine ofX,
      float[] x,
      int xAt,
      float[] fromX,
      Affine ofA,
      float[] a,
      int aAt,
      float[] y,
      Affine other,
      float[] z) {
    back = !back;
    int blocks = ofX.blocks();
    int blocksOfA = ofA.blocks();
    // They can take turns if a block has the same rows in both matrices.
    int rows = ofX.rows() / blocks;
    if (rows * blocks != ofX.rows() || rows * blocksOfA != ofA.rows()) {
      blocks = 1;
      blocksOfA = 1;
    }
    if (back) {
      other.apply(a, aAt, z, 0);
    }
    for (int turn = 0; turn < blocks; turn++) {
      int block = block(turn, blocks);
      ofX.applyBlock(block, blocks, x, xAt, fromX, 0);
      if (block < blocksOfA) {
        ofA.applyBlockFrom(block, blocksOfA, fromX, 0, a, aAt, y, 0);
      }
    }
    if (!back) {
      other.apply(a, aAt, z, 0);
    }
  }

  /**
   * y = Wa a + start.
   *
   * @param y receives the sum, from index 0
   */
  void through(Affine ofA, float[] start, int startAt, float[] a, int aAt, float[] y) {
    back = !back;
    int blocks = ofA.blocks();
    for (int turn = 0; turn < blocks; turn++) {
      ofA.applyBlockFrom(block(turn, blocks), blocks, start, startAt, a, aAt, y, 0);
    }
  }

  private int block(int turn, int blocks) {
    return back ? blocks - 1 - turn : turn;
  }
}
