package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;

/**
 * Goes through the weights of a step block by block, and the next time from the last block back to
 * the first. Of weights that a cache cannot hold, it still has those that were read last; read in
 * the same order each time, each would be thrown out just before it is needed. The order of blocks
 * changes no bit. One a stepper; not thread-safe.
 */
final class Sweep {
  private boolean back;

  /**
   * y = Wx x + b + Wa a.
   *
   * @param ofX Wx and b
   * @param fromX receives Wx x + b from 0
   * @param ofA Wa, of as many rows
   * @param y receives the sum from 0
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
   * y = Wa a + start.
   *
   * @param y receives the sum from 0
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
