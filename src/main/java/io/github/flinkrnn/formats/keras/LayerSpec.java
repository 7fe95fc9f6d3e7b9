package io.github.flinkrnn.formats.keras;

import java.util.Optional;

/**
 * A layer with an effect on inference, as the architecture describes it.
 *
 * @param place the name of the layer in errors
 * @param name the name of the layer, under which Keras 2 stores its weights
 * @param group the path to the weights in Keras 3, relative to the group of all layers
 * @param units the number of units, if the architecture defines it
 * @param activation the name of the activation in Keras
 * @param recurrentActivation the name of the gate activation in Keras, for an LSTM or a GRU
 * @param resetAfter whether the reset gate of a GRU applies after the product
 * @param norm the options of a norm, or null
 * @param conv the options of a convolution, or null
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
    Norm norm,
    Conv conv,
    Optional<Boolean> useBias) {

  /**
   * The options of a norm.
   *
   * @param center whether it has a beta
   * @param scale whether it has a gamma
   */
  record Norm(double epsilon, boolean center, boolean scale) {}

  /** The options of a causal convolution. */
  record Conv(int taps, int dilation) {}

  /** A layer of another kind than a norm and a convolution. */
  LayerSpec(
      String place,
      String name,
      LayerClass type,
      String group,
      Optional<Integer> units,
      String activation,
      String recurrentActivation,
      boolean resetAfter,
      Optional<Boolean> useBias) {
    this(
        place,
        name,
        type,
        group,
        units,
        activation,
        recurrentActivation,
        resetAfter,
        null,
        null,
        useBias);
  }

  LayerSpec withActivation(String other) {
    return new LayerSpec(
        place,
        name,
        type,
        group,
        units,
        other,
        recurrentActivation,
        resetAfter,
        norm,
        conv,
        useBias);
  }
}
