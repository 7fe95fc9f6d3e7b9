package io.github.flinkrnn.sequence;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record that became no prediction: a dead letter.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param detail one line on what was found
 * @param key the Kafka record's key, or null
 * @param value the record, or its beginning; null for a tombstone
 * @param length how long the record was, in bytes
 * @param origin where it was read, or null
 */
@TypeInfo(RejectedRecordSerializer.OfRejectedRecords.class)
public record RejectedRecord(
    Reason reason, String detail, byte[] key, byte[] value, long length, Origin origin) {}
