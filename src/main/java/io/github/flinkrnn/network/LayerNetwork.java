package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.WeightForm;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /**
   * A description of a network.
   *
   * @param cells the layers that make its summary
   * @param layers everything but the heads, bottom first
   * @param tableBytes the bytes of its tables of input products
   */
  static Description describe(
      LayerNetwork network,
      List<Layer> cells,
      List<Layer> layers,
      Heads heads,
      long tableBytes,
      String kernel) {
    String count = cells.size() == 1 ? "one layer" : cells.size() + " layers";
    List<Layer> all = Stream.concat(layers.stream(), heads.layers()).toList();
    List<Place> places = new ArrayList<>();
    Heads.addPlaces(layers, -1, 0, places);
    heads.addPlaces(places);
    return new Description(
        cells.get(0).type() + ", " + count + " of " + network.hiddenSize(),
        layers.stream()
            .map(layer -> layer.type() + ", " + layer.inputSize() + " to " + layer.outputSize())
            .toList(),
        places,
        network.oneHotSize() > 0 ? "one-hot" : "embedded in " + network.inputSize(),
        tableBytes,
        all.stream().mapToLong(Layer::multiplyAdds).sum(),
        weights(all),
        kernel);
  }

  /** A phrase for the matrices that are kept in 16 bits. */
  private static String weights(List<Layer> layers) {
    List<Affine> products = layers.stream().map(Layer::products).flatMap(List::stream).toList();
    List<Affine> narrow =
        products.stream().filter(product -> product.form() != WeightForm.FLOAT32).toList();
    String forms =
        narrow.stream()
            .map(product -> product.form().label())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return narrow.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "%,d of %,d matrices in 16 bits (%s), %,d bytes in all",
            narrow.size(),
            products.size(),
            forms,
            products.stream().mapToLong(Affine::bytes).sum());
  }
}
