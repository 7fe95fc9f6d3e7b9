package io.github.flinkrnn.network;

import java.util.Optional;

/**
 * What a weights file says of the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by).
 *
 * @param activation empty where the file holds weights and no architecture; identity where its
 *     network ends without one
 * @param isComputed whether the recurrence's outputs are behind g already, as those of a step graph
 *     are whose last node is a softmax
 */
public record OutputEnd(Optional<OutputActivation> activation, boolean isComputed) {
  /** Of weights alone. */
  public static final OutputEnd UNKNOWN = new OutputEnd(Optional.empty(), false);

  /** Of a file that says how its network ends; identity for nothing. */
  public static OutputEnd of(OutputActivation activation) {
    return new OutputEnd(Optional.of(activation), false);
  }

  /** Of a recurrence that computes the activation itself. */
  public static OutputEnd computed(OutputActivation activation) {
    return new OutputEnd(Optional.of(activation), true);
  }
}
