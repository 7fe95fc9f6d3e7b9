package io.github.flinkrnn.sequence;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record as it came from outside, before anyone looked into it.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param key the Kafka record's key, or null
 * @param value the token's JSON; null for a tombstone; only its beginning where {@code length} says
 *     so
 * @param length how long the value was, in bytes
 * @param timestamp the Kafka record's, epoch milliseconds, or null
 */
@TypeInfo(SourceRecordSerializer.OfSourceRecords.class)
public record SourceRecord(byte[] key, byte[] value, long length, Long timestamp, Origin origin) {}
