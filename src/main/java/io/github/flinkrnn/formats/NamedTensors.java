package io.github.flinkrnn.formats;

import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * The named tensors of a weights file, in file order.
 *
 * @param floats the tensors of floats, by name
 * @param integers type and shape of all other tensors, by name: {@code I64 [2 × 3]}; their numbers
 *     are not read
 */
@Internal
public record NamedTensors(Map<String, Tensor> floats, Map<String, String> integers) {}
