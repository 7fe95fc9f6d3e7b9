package io.github.flinkrnn.formats.keras;

import java.util.Optional;

/**
 * A layer with weights, as the architecture describes it.
 *
 * @param place how errors name it
 * @param name its own, which Keras 2 files its weights under
 * @param group Keras 3's path to its weights, from the group of all layers
 * @param units how many, where the architecture says so
 * @param activation Keras's name of it
 * @param recurrentActivation Keras's name of it; of an LSTM or a GRU
 * @param resetAfter of a GRU: whether r applies after the product
 * @param useBias whether there is one, where the architecture says so
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
