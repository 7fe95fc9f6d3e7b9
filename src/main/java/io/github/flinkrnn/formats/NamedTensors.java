package io.github.flinkrnn.formats;

import java.util.Map;

/**
 * The named arrays of a weights file, in the order of its bytes.
 *
 * @param floats those of floats, by name
 * @param integers what the others are, by name: {@code I64 [2 × 3]}; their numbers are not read
 */
public record NamedTensors(Map<String, Tensor> floats, Map<String, String> integers) {}
