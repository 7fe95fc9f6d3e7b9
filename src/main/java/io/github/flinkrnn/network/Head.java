package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Fingerprint;
import java.util.ArrayList;
import java.util.List;

/** The linear layers between the top layer's a&lt;t&gt; and the logits. Immutable. */
final class Head {
  private final List<Dense> layers;
  private final Kernel kernel;
  private final List<Affine> products = new ArrayList<>();
  private final List<Activation> activations = new ArrayList<>();

  Head(List<Dense> layers, Kernel kernel) {
    this.layers = List.copyOf(layers);
    this.kernel = kernel;
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

  /** A stepper of its own for one thread. */
  Stepper stepper() {
    return new Stepper();
  }

  /** Computes logits, with its working memory. Not thread-safe. */
  final class Stepper {
    private final float[][] sums =
        new float[products.size()][]; // before a layer's g; null for none
    private final float[][] outputs =
        new float[products.size() - 1][]; // of all layers but the last

    private Stepper() {
      for (int layer = 0; layer < sums.length; layer++) {
        int rows = products.get(layer).rows();
        if (layer < outputs.length) {
          outputs[layer] = new float[rows];
        }
        if (activations.get(layer) != Activation.IDENTITY) {
          sums[layer] = new float[rows];
        }
      }
    }

    /**
     * The logits for a top layer's a&lt;t&gt;.
     *
     * @param a holds a&lt;t&gt; from {@code aAt}; not changed
     * @param logits receives [outputSize] numbers
     */
    void logits(float[] a, int aAt, float[] logits) {
      float[] below = a;
      int belowAt = aAt;
      for (int layer = 0; layer < products.size(); layer++) {
        float[] out = layer < outputs.length ? outputs[layer] : logits;
        float[] sum = sums[layer] == null ? out : sums[layer];
        products.get(layer).apply(below, belowAt, sum, 0);
        if (sum != out) {
          activations.get(layer).apply(kernel, sum, 0, out, 0, sum.length);
        }
        below = out;
        belowAt = 0;
      }
    }
  }
}
