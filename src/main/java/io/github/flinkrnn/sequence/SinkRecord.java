package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.Internal;

/**
 * An encoded record for a sink.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 *
 * @param key the key of the Kafka record, or null
 * @param value the value of the Kafka record, or one line of a file
 * @param time the Kafka timestamp in epoch milliseconds; null to use the clock of the Kafka client
 * @param headers the headers of the Kafka record; null for none
 */
@Internal
public record SinkRecord(byte[] key, byte[] value, Long time, Header[] headers) {
  /** A record without headers. */
  public SinkRecord(byte[] key, byte[] value, Long time) {
    this(key, value, time, null);
  }
}
