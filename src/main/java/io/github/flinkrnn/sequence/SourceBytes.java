package io.github.flinkrnn.sequence;

import java.io.IOException;

/**
 * The bytes of a source record, in the pieces of {@link RecordBytes}: which fields are there, a bit
 * each, the lowest first (key, value, timestamp, origin), then key, value, length (a number),
 * timestamp (signed), and of the origin topic (text), partition and offset (numbers).
 */
final class SourceBytes {
  private static final int KEY = 1;
  private static final int VALUE = 1 << 1;
  private static final int TIMESTAMP = 1 << 2;
  private static final int ORIGIN = 1 << 3;
  private static final int FIELDS = 4;

  private SourceBytes() {}

  static void write(SourceRecord record, RecordBytes to) throws IOException {
    to.number(
        (record.key() == null ? 0 : KEY)
            | (record.value() == null ? 0 : VALUE)
            | (record.timestamp() == null ? 0 : TIMESTAMP)
            | (record.origin() == null ? 0 : ORIGIN));
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
  }

  /**
   * @param topic of the record before this one, most likely the same
   */
  static SourceRecord read(RecordBytes from, LastText topic) throws IOException {
    long there = from.readPresence(FIELDS);
    return new SourceRecord(
        (there & KEY) == 0 ? null : from.readBytes(),
        (there & VALUE) == 0 ? null : from.readBytes(),
        from.readNumber(),
        (there & TIMESTAMP) == 0 ? null : (Long) from.readSignedNumber(),
        (there & ORIGIN) == 0 ? null : readOrigin(from, topic));
  }

  static Origin readOrigin(RecordBytes from, LastText topic) throws IOException {
    return new Origin(from.readText(topic), (int) from.readNumber(), from.readNumber());
  }
}
