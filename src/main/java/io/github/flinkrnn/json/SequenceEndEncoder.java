package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.SequenceEnd;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import tools.jackson.core.JsonGenerator;

/** Writes the ends of sequences as JSON objects in UTF-8. */
@Internal
public final class SequenceEndEncoder implements SerializationSchema<SequenceEnd> {
  private static final long serialVersionUID = 1L;

  /** One JSON object, without a newline. */
  @Override
  public byte[] serialize(SequenceEnd end) {
    JsonLine line = new JsonLine();
    try (JsonGenerator json = line.json) {
      json.writeStartObject();
      json.writeStringProperty("key", end.key());
      json.writeNumberProperty("t", end.t());
      json.writeStringProperty("why", end.why());
      json.writeEndObject();
      return line.take();
    }
  }
}
