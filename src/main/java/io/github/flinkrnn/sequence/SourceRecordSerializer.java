package io.github.flinkrnn.sequence;

import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized form of a source record, format 1, in the parts that {@link RecordBytes} defines:
 *
 * <pre>
 * number   how many bytes follow
 * number   which fields are present, one bit each, from the lowest: key, value, timestamp,
 *          origin, headers, element, keyed
 * bytes    key
 * bytes    value
 * number   length
 * signed   timestamp
 * string   topic of the origin, then two numbers: partition, offset
 * headers  how many (number), then for each: its name (string), a number that is 0 for null or 1
 *          for bytes, and the bytes
 * number   element
 *          (keyed has only its bit)
 * </pre>
 *
 * A field whose bit is not set is left out.
 */
@Internal
public final class SourceRecordSerializer extends RecordSerializer<SourceRecord> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a source record";

  private static final int KEY = 1;
  private static final int VALUE = 1 << 1;
  private static final int TIMESTAMP = 1 << 2;
  private static final int ORIGIN = 1 << 3;
  private static final int HEADERS = 1 << 4;
  private static final int ELEMENT = 1 << 5;
  private static final int KEYED = 1 << 6;
  private static final int FIELDS = 7;
  private static final int HEADER_BYTES = 2; // at least, for a name and whether there are bytes
  private static final int FORMAT = 1;

  public SourceRecordSerializer() {
    super(WHAT);
  }

  @Override
  public void write(SourceRecord record, RecordBytes to) throws IOException {
    writeFields(record, to);
  }

  @Override
  public SourceRecord read(RecordBytes from) throws IOException {
    return readFields(from);
  }

  /** Writes the fields of a record, also for use inside another record. */
  static void writeFields(SourceRecord record, RecordBytes to) throws IOException {
    to.number(
        (record.key() == null ? 0 : KEY)
            | (record.value() == null ? 0 : VALUE)
            | (record.timestamp() == null ? 0 : TIMESTAMP)
            | (record.origin() == null ? 0 : ORIGIN)
            | (record.headers() == null ? 0 : HEADERS)
            | (record.element() == SourceRecord.NO_ELEMENT ? 0 : ELEMENT)
            | (record.isKeyed() ? KEYED : 0));
    if (record.key() != null) {
      to.bytes(record.key());
    }
    if (record.value() != null) {
      to.bytes(record.value());
    }
    to.number(record.length());
    if (record.timestamp() != null) {
      to.signedNumber(record.timestamp());
    }
    if (record.origin() != null) {
      to.text(record.origin().topic());
      to.number(record.origin().partition());
      to.number(record.origin().offset());
    }
    if (record.headers() != null) {
      writeHeaders(record.headers(), to);
    }
    if (record.element() != SourceRecord.NO_ELEMENT) {
      to.number(record.element());
    }
  }

  private static void writeHeaders(Header[] headers, RecordBytes to) throws IOException {
    to.number(headers.length);
    for (Header header : headers) {
      to.text(header.name());
      to.number(header.value() == null ? 0 : 1);
      if (header.value() != null) {
        to.bytes(header.value());
      }
    }
  }

  /** Reads the fields that {@link #writeFields} has written. */
  static SourceRecord readFields(RecordBytes from) throws IOException {
    long there = from.readPresence(FIELDS);
    return new SourceRecord(
        (there & KEY) == 0 ? null : from.readBytes(),
        (there & VALUE) == 0 ? null : from.readBytes(),
        from.readNumber(),
        (there & TIMESTAMP) == 0 ? null : (Long) from.readSignedNumber(),
        (there & ORIGIN) == 0 ? null : readOrigin(from),
        (there & HEADERS) == 0 ? null : readHeaders(from),
        (there & ELEMENT) == 0 ? SourceRecord.NO_ELEMENT : readElement(from),
        (there & KEYED) != 0);
  }

  private static Header[] readHeaders(RecordBytes from) throws IOException {
    Header[] headers = new Header[from.readCount(HEADER_BYTES)];
    for (int i = 0; i < headers.length; i++) {
      String name = from.readText();
      headers[i] = new Header(name, from.readNumber() == 0 ? null : from.readBytes());
    }
    return headers;
  }

  private static int readElement(RecordBytes from) throws IOException {
    long element = from.readNumber();
    if (element < 0 || element > Integer.MAX_VALUE) {
      throw new IOException(WHAT + ": expected an element from 0, found " + element);
    }
    return (int) element;
  }

  private static Origin readOrigin(RecordBytes from) throws IOException {
    return new Origin(from.readTopic(), (int) from.readNumber(), from.readNumber());
  }

  @Override
  public SourceRecord createInstance() {
    return new SourceRecord(null, null, 0, null, null);
  }

  @Override
  public TypeSerializerSnapshot<SourceRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of source records in a savepoint. */
  public static final class Snapshot extends Format<SourceRecord> {
    public Snapshot() {
      super(WHAT, FORMAT, SourceRecordSerializer::new);
    }
  }
}
