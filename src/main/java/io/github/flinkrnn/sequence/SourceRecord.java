package io.github.flinkrnn.sequence;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record as it came from outside, before anyone looked into it.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them. Equal
 * records have equal contents.
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
   * @param key the Kafka record's key, or null
   * @param value the token's JSON; null for a tombstone; only its beginning where {@code length}
   *     says so
   * @param length how long the value was, in bytes
   * @param timestamp the Kafka record's, epoch milliseconds, or null
   * @param origin where it was read, or null
   */
  public SourceRecord(byte[] key, byte[] value, long length, Long timestamp, Origin origin) {
    this.key = key;
    this.value = value;
    this.length = length;
    this.timestamp = timestamp;
    this.origin = origin;
  }

  public byte[] key() {
    return key;
  }

  public byte[] value() {
    return value;
  }

  public long length() {
    return length;
  }

  public Long timestamp() {
    return timestamp;
  }

  public Origin origin() {
    return origin;
  }

  /** The same record without what it holds: only its length, its time and where it was read. */
  public SourceRecord withoutBytes() {
    return new SourceRecord(null, null, length, timestamp, origin);
  }

  /**
   * Leaves here what was parsed of the value, for the next operator of the same thread: the value
   * is then parsed once. It does not get through a serializer.
   */
  public void leaveParsed(Object parse) {
    parsed = parse;
  }

  /** What {@link #leaveParsed} left, which is gone then; else null. */
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

  /** Without what the record holds. */
  @Override
  public String toString() {
    return "record of " + length + " bytes" + (origin == null ? "" : " from " + origin);
  }
}
