package io.github.flinkrnn.formats;

import io.github.flinkrnn.network.Fingerprinted;
import io.github.flinkrnn.network.LayerNetwork;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A network as read from a weights file.
 *
 * @param network computes the logits from x&lt;t&gt;
 * @param weights what the fingerprint is computed from
 * @param ends the output activation of each head, if the file defines one
 * @param fixedSteps the sequence length that the file fixes, 2 or more, if its framework predicts
 *     from windows of that length; else 0
 * @param parameters the number of weights in the file
 * @param parts the source tensors of each part
 * @param embeddings of {@link WeightsFile#embeddings}, in the same order
 * @param integers the fields in {@code input.fields} that the network takes as integers: a number,
 *     a vector, or a category by its id
 * @param headNames the names of the heads, if the file defines them; else empty
 */
@Internal
public record LoadedNetwork(
    Network network,
    Fingerprinted weights,
    List<OutputEnd> ends,
    int fixedSteps,
    long parameters,
    List<Part> parts,
    List<FMatrixRMaj> embeddings,
    Map<String, Integers> integers,
    List<String> headNames) {

  /**
   * The integers that an input takes. Floats hold them exactly.
   *
   * @param least the least one
   * @param most the largest one; 0 and 1 are false and true
   */
  public record Integers(int least, int most) {
    /** Whether a number is one of them. */
    public boolean takes(double number) {
      return number == Math.rint(number) && number >= least && number <= most;
    }

    /** Whether they are false and true. */
    public boolean areBooleans() {
      return least == 0 && most == 1;
    }
  }

  /** A network whose heads config.json names. */
  public LoadedNetwork(
      Network network,
      Fingerprinted weights,
      List<OutputEnd> ends,
      int fixedSteps,
      long parameters,
      List<Part> parts,
      List<FMatrixRMaj> embeddings) {
    this(network, weights, ends, fixedSteps, parameters, parts, embeddings, Map.of(), List.of());
  }

  /** A network of built-in layers with several heads. */
  public LoadedNetwork(
      LayerNetwork chain, List<OutputEnd> ends, long parameters, List<Part> parts) {
    this(chain, chain, ends, 0, parameters, parts, List.of());
  }

  /** A network of built-in layers from a file that does not fix the sequence length. */
  public LoadedNetwork(LayerNetwork chain, OutputEnd end, long parameters, List<Part> parts) {
    this(chain, chain, List.of(end), 0, parameters, parts, List.of());
  }

  /** The output activation of the first head. */
  public OutputEnd end() {
    return ends.get(0);
  }

  /**
   * A copy with the sequence length of the file.
   *
   * @param steps the length; 1 or less means that the length is not fixed
   */
  public LoadedNetwork withSteps(long steps) {
    int fixed = steps > 1 && steps <= Integer.MAX_VALUE ? (int) steps : 0;
    return new LoadedNetwork(
        network, weights, ends, fixed, parameters, parts, embeddings, integers, headNames);
  }

  /** A copy with the embeddings of categories. */
  public LoadedNetwork withEmbeddings(List<FMatrixRMaj> matrices) {
    return new LoadedNetwork(
        network, weights, ends, fixedSteps, parameters, parts, matrices, integers, headNames);
  }

  /** A copy with another output activation. */
  public LoadedNetwork withEnd(OutputEnd other) {
    return new LoadedNetwork(
        network,
        weights,
        List.of(other),
        fixedSteps,
        parameters,
        parts,
        embeddings,
        integers,
        headNames);
  }

  /** A copy with the names of the heads, which the file defines. */
  public LoadedNetwork withHeadNames(List<String> names) {
    return new LoadedNetwork(
        network, weights, ends, fixedSteps, parameters, parts, embeddings, integers, names);
  }

  /**
   * The output activation in a weights file: the outer g of y&lt;t&gt; = g(Wya a&lt;t&gt; + by).
   *
   * @param activation empty if the file has no architecture; identity if its network ends without
   *     an activation
   * @param isComputed whether the network applies g itself, as a step graph does that ends with a
   *     softmax
   */
  public record OutputEnd(Optional<OutputActivation> activation, boolean isComputed) {
    /** The end of a file that has only weights. */
    public static final OutputEnd UNKNOWN = new OutputEnd(Optional.empty(), false);

    /** The end of a file that defines the activation; identity for none. */
    public static OutputEnd of(OutputActivation activation) {
      return new OutputEnd(Optional.of(activation), false);
    }

    /** The end of a network that applies the activation itself. */
    public static OutputEnd computed(OutputActivation activation) {
      return new OutputEnd(Optional.of(activation), true);
    }
  }
}
