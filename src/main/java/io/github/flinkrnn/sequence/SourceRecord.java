package io.github.flinkrnn.sequence;

/**
 * A record as it came from outside, before anyone looked into it.
 *
 * @param key the Kafka record's key, or null
 * @param value the token's JSON; null for a tombstone; only its beginning where {@code length} says
 *     so
 * @param length how long the value was, in bytes
 * @param timestamp the Kafka record's, epoch milliseconds, or null
 */
public record SourceRecord(byte[] key, byte[] value, long length, Long timestamp, Origin origin) {}
