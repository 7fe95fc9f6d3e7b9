package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.kernel.Kernel;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * What a weights file holds, once each of its arrays has found its place.
 *
 * @param recurrence from x&lt;t&gt; to the logits
 * @param activation of the outputs, where config.json gives none
 * @param parameters how many numbers the file holds
 * @param parts which tensor each part came from
 */
public record Network(
    Recurrence recurrence, OutputActivation activation, long parameters, List<Part> parts) {

  /** The same with another way to compute the recurrence. */
  Network with(Recurrence other) {
    return new Network(other, activation, parameters, parts);
  }

  /**
   * A network of built-in cells.
   *
   * @param cells the layers, bottom first
   * @param embedding E, [words × n_x], or null when the file has none
   * @param head from a&lt;t&gt; to the logits, at least one layer
   * @param initial the hidden state before the first token, over all layers; null for zeros
   * @param kernel that the cells compute with
   */
  public static Network of(
      List<RecurrentCell> cells,
      FMatrixRMaj embedding,
      List<Dense> head,
      float[] initial,
      OutputActivation activation,
      long parameters,
      List<Part> parts,
      Kernel kernel) {
    Layers layers = new Layers(cells, embedding, head, initial, kernel);
    return new Network(layers, activation, parameters, parts);
  }
}
