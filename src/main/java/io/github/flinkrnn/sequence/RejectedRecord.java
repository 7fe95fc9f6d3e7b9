package io.github.flinkrnn.sequence;

/**
 * A record that became no prediction: a dead letter.
 *
 * @param detail one line on what was found
 * @param key the Kafka record's key, or null
 * @param value the record, or its beginning; null for a tombstone
 * @param length how long the record was, in bytes
 * @param origin where it was read, or null
 */
public record RejectedRecord(
    Reason reason, String detail, byte[] key, byte[] value, long length, Origin origin) {}
