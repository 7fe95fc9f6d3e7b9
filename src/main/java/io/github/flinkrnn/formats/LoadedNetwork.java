package io.github.flinkrnn.formats;

import io.github.flinkrnn.network.Fingerprinted;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.List;
import java.util.Optional;

/**
 * What a weights file holds, once each of its arrays has found its place.
 *
 * @param network from x&lt;t&gt; to the logits
 * @param weights what the fingerprint is of
 * @param end how it ends, as far as the file says
 * @param fixedSteps how many steps the file fixes a sequence to, from 2: its framework predicts
 *     from windows of that length; 0 where it fixes none
 * @param parameters how many numbers the file holds
 * @param parts which tensor each part came from
 */
public record LoadedNetwork(
    Network network,
    Fingerprinted weights,
    OutputEnd end,
    int fixedSteps,
    long parameters,
    List<Part> parts) {

  /** Of built-in layers, from a file that leaves the length of a sequence open. */
  public LoadedNetwork(LayerChain chain, OutputEnd end, long parameters, List<Part> parts) {
    this(chain, chain, end, 0, parameters, parts);
  }

  /**
   * The same from a file that says how many steps a sequence has.
   *
   * @param steps 0 or less where it leaves them open; of one step nothing is fixed either
   */
  public LoadedNetwork withSteps(long steps) {
    int fixed = steps > 1 && steps <= Integer.MAX_VALUE ? (int) steps : 0;
    return new LoadedNetwork(network, weights, end, fixed, parameters, parts);
  }

  /** The same with another end. */
  public LoadedNetwork withEnd(OutputEnd other) {
    return new LoadedNetwork(network, weights, other, fixedSteps, parameters, parts);
  }

  /**
   * What a weights file says of the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by).
   *
   * @param activation empty where the file holds weights and no architecture; identity where its
   *     network ends without one
   * @param isComputed whether the network applies g itself, as a step graph does whose last node is
   *     a softmax
   */
  public record OutputEnd(Optional<OutputActivation> activation, boolean isComputed) {
    /** Of a file that has only weights. */
    public static final OutputEnd UNKNOWN = new OutputEnd(Optional.empty(), false);

    /** Of a file that says how its network ends; identity for nothing. */
    public static OutputEnd of(OutputActivation activation) {
      return new OutputEnd(Optional.of(activation), false);
    }

    /** Of a network that applies the activation itself. */
    public static OutputEnd computed(OutputActivation activation) {
      return new OutputEnd(Optional.of(activation), true);
    }
  }
}
