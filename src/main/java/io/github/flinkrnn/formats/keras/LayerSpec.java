package io.github.flinkrnn.formats.keras;

import java.util.Optional;

/**
 * A layer with weights, as the architecture describes it.
 *
 * @param place the name of the layer in errors
 * @param name the name of the layer, under which Keras 2 stores its weights
 * @param group the path to the weights in Keras 3, relative to the group of all layers
 * @param units the number of units, if the architecture defines it
 * @param activation the name of the activation in Keras
 * @param recurrentActivation the name of the gate activation in Keras, for an LSTM or a GRU
 * @param resetAfter whether the reset gate of a GRU applies after the product
 * @param useBias whether the layer has a bias, if the architecture defines it
 */
record LayerSpec(
    String place,
    String name,
    LayerClass type,
    String group,
    Optional<Integer> units,
    String activation,
    String recurrentActivation,
    boolean resetAfter,
    Optional<Boolean> useBias) {

  LayerSpec withActivation(String other) {
    return new LayerSpec(
        place, name, type, group, units, other, recurrentActivation, resetAfter, useBias);
  }
}
