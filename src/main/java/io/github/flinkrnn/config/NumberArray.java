package io.github.flinkrnn.config;

import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A number, or an array of numbers that may be nested. True and false count as numbers.
 *
 * @param shape its dimensions; empty for a single number
 * @param numbers in row-major order, as in the file: {@code 16000}, {@code 1e-3}, {@code true}
 */
@Internal
public record NumberArray(int[] shape, List<String> numbers) {}
