package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.OutputActivation;
import java.util.Optional;

/**
 * An activation as a model of Keras names it.
 *
 * @param name the name in Keras
 * @param g the function of one number; null if it has parameters, or needs the whole vector
 * @param maker makes a layer of any other activation; null with {@code g}
 */
record KerasActivation(String name, Activation g, Maker maker) {
  static final KerasActivation LINEAR = of("linear", Activation.IDENTITY);

  /** Makes a layer that takes n numbers. */
  interface Maker {
    Layer layer(int size, Kernel kernel);
  }

  static KerasActivation of(String name, Activation g) {
    return new KerasActivation(name, g, null);
  }

  boolean isLinear() {
    return g == Activation.IDENTITY;
  }

  Layer layer(int size, Kernel kernel) {
    return g == null ? maker.layer(size, kernel) : new ActivationLayer(g, size, kernel);
  }

  /** The output activation, if the last layer of a model may leave this one to the head. */
  Optional<OutputActivation> end() {
    return switch (name) {
      case "softmax" -> Optional.of(OutputActivation.SOFTMAX);
      case "sigmoid" -> Optional.of(OutputActivation.SIGMOID);
      case "linear" -> Optional.of(OutputActivation.IDENTITY);
      default -> Optional.empty();
    };
  }
}
