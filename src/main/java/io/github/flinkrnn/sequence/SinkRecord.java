package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.Internal;

/**
 * A record as it leaves, encoded.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param key the Kafka record's key, or null
 * @param value its value; a line of a file
 * @param time its Kafka timestamp, epoch milliseconds; null for the clock of the Kafka client
 */
@Internal
public record SinkRecord(byte[] key, byte[] value, Long time) {}
