package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.RecurrentCell;
import org.ejml.data.FMatrixRMaj;

/**
 * Wax E[word] + b of the bottom layer for every word of a vocabulary, looked up in place of being
 * computed at each step. The bits are those of the computation. Immutable.
 *
 * @param sums [words × width]
 * @param width numbers of a word: the cell's {@link RecurrentCell#inputSums}
 */
record InputTable(float[] sums, int width) {
  /** Bytes of the table of so many words. */
  static long bytes(RecurrentCell cell, int words) {
    return (long) Float.BYTES * cell.inputSums() * words;
  }

  /**
   * @param embedding E, [words × n_x], or null for one-hot words
   */
  static InputTable of(RecurrentCell cell, FMatrixRMaj embedding, int words) {
    int width = cell.inputSums();
    float[] sums = new float[Math.multiplyExact(words, width)];
    RecurrentCell.Stepper stepper = cell.stepper();
    for (int word = 0; word < words; word++) {
      if (embedding == null) {
        stepper.oneHotSums(word, sums, word * width);
      } else {
        stepper.inputSums(embedding.getData(), word * embedding.getNumCols(), sums, word * width);
      }
    }
    return new InputTable(sums, width);
  }
}
