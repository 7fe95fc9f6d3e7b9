package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.Activation;
import io.github.flinkrnn.cell.Fingerprint;
import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;

/** The linear layers between the top layer's a&lt;t&gt; and the logits. Immutable. */
final class Head {
  private final List<Dense> layers;
  private final List<Affine> products = new ArrayList<>();
  private final List<Activation> activations = new ArrayList<>();

  Head(List<Dense> layers, Kernel kernel) {
    this.layers = List.copyOf(layers);
    for (Dense layer : layers) {
      products.add(kernel.affine(layer.weights(), layer.bias()));
      activations.add(layer.activation());
    }
  }

  /** Length of the logits. */
  int outputSize() {
    return products.get(products.size() - 1).rows();
  }

  long multiplyAdds() {
    return products.stream().mapToLong(p -> (long) p.rows() * p.columns()).sum();
  }

  void addTo(Fingerprint fingerprint) {
    for (Dense layer : layers) {
      if (layer.activation() != Activation.IDENTITY) {
        fingerprint.add(layer.activation().name());
      }
      fingerprint.add(layer.weights()).add(layer.bias());
    }
  }

  /**
   * The logits for a top layer's a&lt;t&gt;.
   *
   * @param a [n_a], not changed
   * @return a new array
   */
  float[] logits(float[] a) {
    float[] below = a;
    for (int layer = 0; layer < products.size(); layer++) {
      float[] out = new float[products.get(layer).rows()];
      products.get(layer).apply(below, out);
      Activation g = activations.get(layer);
      if (g != Activation.IDENTITY) {
        for (int i = 0; i < out.length; i++) {
          out[i] = g.apply(out[i]);
        }
      }
      below = out;
    }
    return below;
  }
}
