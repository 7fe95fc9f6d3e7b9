package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.RecurrentCell;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * What a weights file holds, once each of its arrays has found its place.
 *
 * @param recurrence from x&lt;t&gt; to the logits
 * @param end how it ends, as far as the file says
 * @param fixedSteps how many steps the file fixes a sequence to, from 2: its framework predicts
 *     from windows of that length; 0 where it fixes none
 * @param parameters how many numbers the file holds
 * @param parts which tensor each part came from
 */
public record Network(
    Recurrence recurrence, OutputEnd end, int fixedSteps, long parameters, List<Part> parts) {

  /** The same with another way to compute the recurrence. */
  public Network with(Recurrence other) {
    return new Network(other, end, fixedSteps, parameters, parts);
  }

  /**
   * The same from a file that says how many steps a sequence has.
   *
   * @param steps 0 or less where it leaves them open; of one step nothing is fixed either
   */
  public Network withSteps(long steps) {
    int fixed = steps > 1 && steps <= Integer.MAX_VALUE ? (int) steps : 0;
    return new Network(recurrence, end, fixed, parameters, parts);
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
      OutputEnd end,
      long parameters,
      List<Part> parts,
      Kernel kernel) {
    Layers layers = new Layers(cells, embedding, head, initial, kernel);
    return new Network(layers, end, 0, parameters, parts);
  }
}
