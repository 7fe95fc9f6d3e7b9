package io.github.flinkrnn.sequence;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record as it was read from a source, before it is parsed.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards. Records are equal if
 * their contents are.
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public final class SourceRecord {
  private final byte[] key;
  private final byte[] value;
  private final long length;
  private final Long timestamp;
  private final Origin origin;

  private transient Object parsed;

  /**
   * @param key the key of the Kafka record, or null
   * @param value the JSON of the token; null for a tombstone; only its beginning if it is shorter
   *     than {@code length}
   * @param length the original length of the value in bytes
   * @param timestamp the timestamp of the Kafka record in epoch milliseconds, or null
   * @param origin where the record was read, or null
   */
  public SourceRecord(byte[] key, byte[] value, long length, Long timestamp, Origin origin) {
    this.key = key;
    this.value = value;
    this.length = length;
    this.timestamp = timestamp;
    this.origin = origin;
  }

  /** {@return the key of the Kafka record, or null} */
  public byte[] key() {
    return key;
  }

  /** {@return the JSON of the token; null for a tombstone} */
  public byte[] value() {
    return value;
  }

  /** {@return the original length of the value in bytes} */
  public long length() {
    return length;
  }

  /** {@return the timestamp of the Kafka record in epoch milliseconds, or null} */
  public Long timestamp() {
    return timestamp;
  }

  /** {@return where the record was read, or null} */
  public Origin origin() {
    return origin;
  }

  /** {@return a copy of this record without key and value: only length, timestamp and origin} */
  public SourceRecord withoutBytes() {
    return new SourceRecord(null, null, length, timestamp, origin);
  }

  /**
   * Stores the parsed value for the next operator in the same thread, so that the value is parsed
   * only once. It is not serialized.
   *
   * @param parse the parsed value
   */
  public void leaveParsed(Object parse) {
    parsed = parse;
  }

  /**
   * Returns the object that {@link #leaveParsed} stored, and removes it; null if there is none.
   *
   * @return the parsed value, or null
   */
  public Object takeParsed() {
    Object taken = parsed;
    parsed = null;
    return taken;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourceRecord that
        && Arrays.equals(key, that.key)
        && Arrays.equals(value, that.value)
        && length == that.length
        && Objects.equals(timestamp, that.timestamp)
        && Objects.equals(origin, that.origin);
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(key), Arrays.hashCode(value), length, timestamp, origin);
  }

  /** A description without key and value. */
  @Override
  public String toString() {
    return "record of " + length + " bytes" + (origin == null ? "" : " from " + origin);
  }
}
