package io.github.flinkrnn.network;

/**
 * A part of a network and where it came from, for descriptions.
 *
 * @param name such as {@code layer 0 Waa}
 * @param source the tensors of the weights file, with their shapes
 */
public record Part(String name, String source) {}
