package io.github.flinkrnn.json;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one JSON object in UTF-8 after another, and reuses the generator and its buffers. Numbers
 * are the shortest decimals that read back as the same float32. Jackson's own float writer gives
 * the same text on every JVM. Not thread-safe. After an exception it holds a partial object and
 * must not be used again.
 */
final class JsonLine {
  /** A buffer that has grown beyond this is not kept. */
  private static final int KEPT = 1 << 20;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .characterEscapes(ControlEscapes.INSTANCE)
          // No separator: each record is taken separately.
          .rootValueSeparator((String) null)
          .build();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes);

  /** Returns the object and clears the buffer. */
  byte[] take() {
    json.flush();
    byte[] taken = bytes.toByteArray();
    bytes.reset();
    return taken;
  }

  boolean isWorthKeeping(byte[] taken) {
    return taken.length <= KEPT;
  }

  void text(SerializedString name, String value) {
    if (value != null) {
      json.writeName(name);
      json.writeString(value);
    }
  }

  void number(SerializedString name, Long value) {
    if (value != null) {
      json.writeName(name);
      json.writeNumber((long) value);
    }
  }

  void numbers(SerializedString name, float[] values) {
    if (values != null) {
      json.writeName(name);
      json.writeStartArray();
      for (float value : values) {
        json.writeNumber(value);
      }
      json.writeEndArray();
    }
  }
}
