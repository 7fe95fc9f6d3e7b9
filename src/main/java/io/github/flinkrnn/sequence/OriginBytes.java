package io.github.flinkrnn.sequence;

import java.io.IOException;

/**
 * The bytes of an origin, in the pieces of {@link RecordBytes}: topic (text), partition and offset
 * (numbers).
 */
final class OriginBytes {
  private OriginBytes() {}

  static void write(Origin origin, RecordBytes to) throws IOException {
    to.text(origin.topic());
    to.number(origin.partition());
    to.number(origin.offset());
  }

  static Origin read(RecordBytes from, LastText topic) throws IOException {
    return new Origin(from.readText(topic), (int) from.readNumber(), from.readNumber());
  }
}
