package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.RecurrentCell;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * What a weights file holds, once each of its arrays has found its place.
 *
 * @param cells the layers, bottom first
 * @param embedding E, [words × n_x], or null when the file has none
 * @param head from a&lt;t&gt; to the logits, at least one layer
 * @param initial the hidden state before the first token, over all layers; null for zeros
 * @param activation of the outputs, where config.json gives none
 * @param parameters how many numbers the file holds
 * @param parts which tensor each part came from
 */
public record Network(
    List<RecurrentCell> cells,
    FMatrixRMaj embedding,
    List<Dense> head,
    float[] initial,
    OutputActivation activation,
    long parameters,
    List<Part> parts) {

  /** Of a file that leaves the outputs' activation to config.json. */
  public Network(
      List<RecurrentCell> cells,
      FMatrixRMaj embedding,
      List<Dense> head,
      float[] initial,
      long parameters,
      List<Part> parts) {
    this(cells, embedding, head, initial, OutputActivation.SOFTMAX, parameters, parts);
  }

  int outputs() {
    return head.get(head.size() - 1).weights().getNumRows();
  }
}
