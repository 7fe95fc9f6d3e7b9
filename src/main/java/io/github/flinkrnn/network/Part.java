package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Layer;
import org.apache.flink.annotation.Internal;

/**
 * A part of a network and its source, for descriptions.
 *
 * @param name the name of the part, such as {@code layer 1}
 * @param source the tensors of the weights file, with their shapes
 * @param layer the layer that they became, or null
 * @param parameters the number of weights in the file, for a layer
 */
@Internal
public record Part(String name, String source, Layer layer, long parameters) {
  /** A part that is no layer. */
  public Part(String name, String source) {
    this(name, source, null, 0);
  }

  /** Compares what users see: the name and the source. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Part that && name.equals(that.name) && source.equals(that.source);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + source.hashCode();
  }
}
