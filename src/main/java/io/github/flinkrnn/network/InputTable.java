package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import org.ejml.data.FMatrixRMaj;

/**
 * The products Wx E[word] + b of the bottom layer for all words of a vocabulary. A step looks its
 * product up instead of computing it. The bits are the same.
 *
 * @param sums [words × width]
 * @param width the length of a product: the rows of {@link io.github.flinkrnn.layer.Layer#ofInput}
 */
record InputTable(float[] sums, int width) {
  static long bytes(Affine ofInput, int words) {
    return (long) Float.BYTES * ofInput.rows() * words;
  }

  /**
   * @param embedding E, [words × n_x], or null for one-hot words
   */
  static InputTable of(Affine ofInput, FMatrixRMaj embedding, int words) {
    int width = ofInput.rows();
    float[] sums = new float[Math.multiplyExact(words, width)];
    for (int word = 0; word < words; word++) {
      if (embedding == null) {
        ofInput.applyOneHot(word, sums, word * width);
      } else {
        int at = word * embedding.getNumCols();
        ofInput.apply(embedding.getData(), at, sums, word * width);
      }
    }
    return new InputTable(sums, width);
  }
}
