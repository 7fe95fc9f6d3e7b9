package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.List;
import java.util.Optional;

/**
 * A layer with an effect on inference, as the architecture describes it.
 *
 * @param place the name of the layer in errors
 * @param source where its weights are; null for a layer without any
 */
record LayerSpec(String place, Source source, Kind kind) {
  /**
   * Where the weights of a layer are.
   *
   * @param group the path in Keras 3, below the group of a model: {@code @} is the group of all
   *     layers of a model, and {@code lstm#1} the second layer of class LSTM in it
   * @param layer the layer of the outermost model, under whose name Keras 2 stores the weights
   * @param inner the name of a layer in a model within that model; empty for none
   * @param from how many of the weights belong to other cells of the layer, before this one
   * @param isPart whether other cells may follow
   */
  record Source(String group, String layer, String inner, int from, boolean isPart) {
    /** The weights of a layer in a part of the group. */
    Source at(String below) {
      return new Source(group + "/" + below, layer, inner, from, isPart);
    }

    /** The weights of one of several cells in a part of the group, after so many others. */
    Source at(String below, int others) {
      return new Source(group + "/" + below, layer, inner, from + others, true);
    }
  }

  /** What the layer computes. */
  sealed interface Kind {}

  /**
   * @param units the length of a row; 0 if the weights define it
   * @param skipsZero whether word 0 is padding
   */
  record Embedding(int units, boolean skipsZero) implements Kind {}

  /** The recurrent layers; Keras computes their gates in columns side by side. */
  enum CellType {
    SIMPLE_RNN("SimpleRNN", 1),
    GRU("GRU", 3),
    LSTM("LSTM", 4);

    private final String className;
    private final int gates;

    CellType(String className, int gates) {
      this.className = className;
      this.gates = gates;
    }

    String className() {
      return className;
    }

    /** The number of column blocks in the kernel. */
    int gates() {
      return gates;
    }
  }

  /**
   * @param units 0 if the weights define it
   * @param gate the activation of the gates; null for a SimpleRNN
   * @param resetAfter whether the reset gate of a GRU applies after the product
   */
  record Cell(
      CellType type,
      int units,
      KerasActivation act,
      KerasActivation gate,
      boolean resetAfter,
      boolean useBias)
      implements Kind {}

  /**
   * A layer that reads from the last token on, and mostly also from the first one.
   *
   * @param forward with a {@link Cell}; null for none
   * @param backward with a {@link Cell}
   * @param isFinal whether it gives one vector for the whole sequence
   */
  record Bidirectional(LayerSpec forward, LayerSpec backward, Join join, boolean isFinal)
      implements Kind {}

  /**
   * @param units 0 if the weights define it
   * @param useBias empty if the weights define it
   */
  record Dense(int units, KerasActivation act, Optional<Boolean> useBias) implements Kind {}

  /** A causal convolution. */
  record Conv(int filters, int taps, int dilation, KerasActivation act, boolean useBias)
      implements Kind {}

  /** Which norm. */
  enum NormType {
    BATCH,
    LAYER,
    RMS
  }

  /**
   * @param center whether it has a beta
   * @param scale whether it has a gamma
   */
  record Norm(NormType type, double epsilon, boolean center, boolean scale) implements Kind {}

  /** An activation without weights. */
  record Activate(KerasActivation act) implements Kind {}

  /** A rectified linear function whose slopes are weights. */
  record Slopes() implements Kind {}

  /**
   * {@code Normalization}.
   *
   * @param mean one number for all or one for each; null, as the variance, if both are weights
   * @param invert whether it turns numbers back
   */
  record Standardize(double[] mean, double[] variance, boolean invert) implements Kind {}

  /** scale x + shift, with one number for all or one for each. */
  record Scale(double[] scale, double[] shift) implements Kind {}

  /** A reshape that changes nothing, if the vector has this length. */
  record Unchanged(int size) implements Kind {}

  /** Tokens whose numbers all have this value are padding. */
  record Masking(float value) implements Kind {}

  /** Several vectors that become one. */
  record Joined(Join join) implements Kind {}

  /** The cells of a recurrent layer; none for any other layer. */
  List<LayerSpec> cells() {
    if (kind instanceof Bidirectional both) {
      return both.forward() == null
          ? List.of(both.backward())
          : List.of(both.forward(), both.backward());
    }
    return kind instanceof Cell ? List.of(this) : List.of();
  }

  /** The activation at the end of the layer, or linear. */
  KerasActivation act() {
    if (kind instanceof Dense dense) {
      return dense.act();
    }
    if (kind instanceof Conv conv) {
      return conv.act();
    }
    return kind instanceof Activate activate ? activate.act() : KerasActivation.LINEAR;
  }

  /** A Dense layer with another activation. */
  LayerSpec withAct(KerasActivation act) {
    Dense dense = (Dense) kind;
    return new LayerSpec(place, source, new Dense(dense.units(), act, dense.useBias()));
  }
}
