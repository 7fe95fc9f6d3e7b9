package io.github.flinkrnn.network;

import org.apache.flink.annotation.Internal;

/**
 * A part of a network and its source, for descriptions.
 *
 * @param name the name of the part, such as {@code layer 1}
 * @param source the tensors of the weights file, with their shapes
 */
@Internal
public record Part(String name, String source) {}
