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
  /** The element of a record that is one token. */
  public static final int NO_ELEMENT = -1;

  private final byte[] key;
  private final byte[] value;
  private final long length;
  private final Long timestamp;
  private final Origin origin;
  private final Header[] headers; // null for none
  private final int element;
  private final boolean keyed;

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
    this(key, value, length, timestamp, origin, null, NO_ELEMENT, false);
  }

  /**
   * A record with headers.
   *
   * @param key the key of the Kafka record, or null
   * @param value the JSON of the token; null for a tombstone; only its beginning if it is shorter
   *     than {@code length}
   * @param length the original length of the value in bytes
   * @param timestamp the timestamp of the Kafka record in epoch milliseconds, or null
   * @param origin where the record was read, or null
   * @param headers the headers of the Kafka record; null for none
   * @param element the index of the token in the record's array, or {@link #NO_ELEMENT}
   * @param keyed whether the sequence key is made of the bytes of the Kafka record's key, and is
   *     not those bytes in UTF-8
   */
  public SourceRecord(
      byte[] key,
      byte[] value,
      long length,
      Long timestamp,
      Origin origin,
      Header[] headers,
      int element,
      boolean keyed) {
    this.key = key;
    this.value = value;
    this.length = length;
    this.timestamp = timestamp;
    this.origin = origin;
    this.headers = headers == null || headers.length == 0 ? null : headers;
    this.element = element;
    this.keyed = keyed;
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

  /** {@return the headers of the Kafka record, not to be changed; null for none} */
  public Header[] headers() {
    return headers;
  }

  /** {@return the index of the token in the record's array, or {@link #NO_ELEMENT}} */
  public int element() {
    return element;
  }

  /**
   * {@return whether the sequence key is made of the bytes of the Kafka record's key, and is not
   * those bytes in UTF-8}
   */
  public boolean isKeyed() {
    return keyed;
  }

  /**
   * {@return a copy of this record without key, value and headers: only length, timestamp and
   * origin}
   */
  public SourceRecord withoutBytes() {
    return withoutBytes(null);
  }

  /**
   * A copy of this record without key and value.
   *
   * @param kept the headers of the copy; null for none
   * @return the copy
   */
  public SourceRecord withoutBytes(Header[] kept) {
    return new SourceRecord(null, null, length, timestamp, origin, kept, element, keyed);
  }

  /**
   * A copy of this record for one token of its array.
   *
   * @param kept the bytes of the value, or only the first of them
   * @param index the index of the token
   * @return the copy
   */
  public SourceRecord element(byte[] kept, int index) {
    return new SourceRecord(key, kept, length, timestamp, origin, headers, index, keyed);
  }

  /** {@return a copy of this record whose key made the sequence key, other than by UTF-8} */
  public SourceRecord asKeyed() {
    return new SourceRecord(key, value, length, timestamp, origin, headers, element, true);
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
        && Objects.equals(origin, that.origin)
        && Arrays.equals(headers, that.headers)
        && element == that.element
        && keyed == that.keyed;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        Arrays.hashCode(key),
        Arrays.hashCode(value),
        length,
        timestamp,
        origin,
        Arrays.hashCode(headers),
        element,
        keyed);
  }

  /** A description without key, value and headers. */
  @Override
  public String toString() {
    return "record of " + length + " bytes" + (origin == null ? "" : " from " + origin);
  }
}
