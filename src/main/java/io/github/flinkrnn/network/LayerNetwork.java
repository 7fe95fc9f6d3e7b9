package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/** A network of built-in layers. */
@Internal
public sealed interface LayerNetwork extends Network, Fingerprinted
    permits LayerChain, BidirectionalNetwork {
  /**
   * A network of any layers, from x&lt;t&gt; to the logits: a {@link LayerChain}, or a {@link
   * BidirectionalNetwork} if a layer is {@link Bidirectional}. None may be inside another layer.
   *
   * @param embedding E, [words × n_x], or null for features and one-hot words
   * @param layers bottom first, at least one with a state or bidirectional
   * @param heads the layers of each head above them; empty if the last layer gives the logits
   * @param initial the state of all layers before the first token; null for zeros, which a
   *     bidirectional network expects
   * @param kernel the kernel of the layers
   */
  static LayerNetwork of(
      FMatrixRMaj embedding,
      List<? extends Layer> layers,
      List<? extends List<? extends Layer>> heads,
      float[] initial,
      Kernel kernel) {
    return layers.stream().anyMatch(layer -> layer instanceof Bidirectional)
        ? new BidirectionalNetwork(embedding, layers, heads, kernel)
        : LayerChain.of(embedding, layers, heads, initial, kernel);
  }
}
