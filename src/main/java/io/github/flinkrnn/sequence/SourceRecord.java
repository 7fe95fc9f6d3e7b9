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
public record SourceRecord(byte[] key, byte[] value, long length, Long timestamp, Origin origin) {
  /** The same record without what it holds: only its length, its time and where it was read. */
  public SourceRecord withoutBytes() {
    return new SourceRecord(null, null, length, timestamp, origin);
  }
}
