package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.layer.Layer;
import java.util.List;
import java.util.stream.Stream;

/** The layers from a&lt;t&gt; to the logits of one head or several. None has a state. */
final class Heads {
  private final int inputSize;
  private final List<Layer> shared;
  private final List<List<Layer>> own;

  /**
   * @param inputSize the length of a&lt;t&gt;
   * @param shared the layers of the head; empty if a&lt;t&gt; is the logits. If there are several
   *     heads, the layers that they share
   * @param own the layers of each head above {@code shared}; empty for one head
   */
  Heads(int inputSize, List<? extends Layer> shared, List<? extends List<? extends Layer>> own) {
    this.inputSize = inputSize;
    this.shared = List.copyOf(shared);
    this.own = own.stream().<List<Layer>>map(List::copyOf).toList();
    if (layers().anyMatch(layer -> layer.stateSize() > 0)) {
      // The logits must be a function of the state that a sequence keeps.
      throw new IllegalArgumentException("expected a state that ends with the input of the head");
    }
  }

  /** All layers. */
  Stream<Layer> layers() {
    return Stream.concat(shared.stream(), own.stream().flatMap(List::stream));
  }

  /** The length of the logits of each head. */
  int[] sizes() {
    int size = outputSize(shared, inputSize);
    return own.isEmpty()
        ? new int[] {size}
        : own.stream().mapToInt(layers -> outputSize(layers, size)).toArray();
  }

  private static int outputSize(List<Layer> layers, int inputSize) {
    return layers.isEmpty() ? inputSize : layers.get(layers.size() - 1).outputSize();
  }

  void addPlaces(List<Network.Place> into) {
    addPlaces(shared, own.isEmpty() ? 0 : -1, 0, into);
    for (int h = 0; h < own.size(); h++) {
      addPlaces(own.get(h), h, 0, into);
    }
  }

  /** Adds layers and those inside them. */
  static void addPlaces(List<Layer> layers, int head, int depth, List<Network.Place> into) {
    for (Layer layer : layers) {
      into.add(new Network.Place(head, depth, layer));
      addPlaces(layer.described().inner(), head, depth + 1, into);
    }
  }

  void addTo(Fingerprint fingerprint) {
    shared.forEach(layer -> layer.addTo(fingerprint));
    own.forEach(
        layers -> {
          fingerprint.add("head").add(layers.size());
          layers.forEach(layer -> layer.addTo(fingerprint));
        });
  }

  Stepper stepper() {
    return new Stepper();
  }

  /** Computes logits, with its working memory. */
  final class Stepper {
    private final HeadStepper ofShared = new HeadStepper(shared);
    private final HeadStepper[] ofOwn =
        own.stream().map(HeadStepper::new).toArray(HeadStepper[]::new);
    private final float[] output = // of the shared layers; null if a<t> is their output
        own.isEmpty() || shared.isEmpty() ? null : new float[outputSize(shared, inputSize)];
    private final Room outputs = new Room(output == null ? 0 : output.length);

    /**
     * Computes the logits of the first head.
     *
     * @param from holds a&lt;t&gt; from {@code at}
     */
    void logits(float[] from, int at, float[] logits) {
      if (ofOwn.length == 0) {
        ofShared.run(from, at, logits);
      } else {
        ofOwn[0].run(input(from, at), inputAt(at), logits);
      }
    }

    /**
     * Computes the logits of several heads.
     *
     * @param all receives the logits of each head; null for a head that is not needed
     */
    void logits(float[] from, int at, float[][] all) {
      if (ofOwn.length == 0) {
        if (all[0] != null) {
          ofShared.run(from, at, all[0]);
        }
        return;
      }
      float[] input = input(from, at);
      for (int h = 0; h < ofOwn.length; h++) {
        if (all[h] != null) {
          ofOwn[h].run(input, inputAt(at), all[h]);
        }
      }
    }

    /** The same for several a&lt;t&gt;. */
    void logitsEach(int count, float[][] from, int at, float[][][] all) {
      if (ofOwn.length == 0) {
        if (all[0] != null) {
          ofShared.runEach(count, from, at, all[0]);
        }
        return;
      }
      float[][] input = from;
      if (output != null) {
        input = outputs.of(count);
        ofShared.runEach(count, from, at, input);
      }
      for (int h = 0; h < ofOwn.length; h++) {
        if (all[h] != null) {
          ofOwn[h].runEach(count, input, inputAt(at), all[h]);
        }
      }
    }

    /** The array that holds the input of the heads, from {@link #inputAt}. */
    private float[] input(float[] from, int at) {
      if (output == null) {
        return from;
      }
      ofShared.run(from, at, output);
      return output;
    }

    private int inputAt(int at) {
      return output == null ? at : 0;
    }
  }
}
