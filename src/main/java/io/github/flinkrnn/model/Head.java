package io.github.flinkrnn.model;

import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Scale;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A head of a model: what its logits mean.
 *
 * @param name empty for the only head of a model
 * @param size the length n_y of its outputs
 * @param activation the activation of its outputs
 * @param isActivated whether the network applies the activation itself
 * @param labels of the outputs; empty for none
 * @param unscale turns outputs back to the unit of the training data; null for none
 */
@Internal
public record Head(
    String name,
    int size,
    OutputActivation activation,
    boolean isActivated,
    List<String> labels,
    Scale unscale) {

  /** The activation to apply to the logits. */
  OutputActivation applied() {
    return isActivated ? OutputActivation.IDENTITY : activation;
  }
}
