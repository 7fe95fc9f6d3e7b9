package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.SourceRecord;

/** Records as a source would emit them, without a key or a timestamp. */
final class SourceRecords {
  static final Origin ORIGIN = new Origin("tokens", 3, 42);

  private SourceRecords() {}

  static SourceRecord of(String json) {
    return of(json.getBytes(UTF_8));
  }

  static SourceRecord of(byte[] value) {
    return of(null, value);
  }

  static SourceRecord of(byte[] key, byte[] value) {
    return new SourceRecord(key, value, value == null ? 0 : value.length, null, ORIGIN);
  }
}
