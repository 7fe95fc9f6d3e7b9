package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.RejectedRecord;
import java.util.Arrays;
import java.util.Base64;
import org.apache.flink.api.common.serialization.SerializationSchema;
import tools.jackson.core.JsonGenerator;

/**
 * Writes dead letters as JSON objects in UTF-8. A record longer than {@value #MAX_BYTES} bytes is
 * cut there, with its whole length beside it: a dead letter must fit where its record did.
 */
public final class RejectedRecordEncoder implements SerializationSchema<RejectedRecord> {
  private static final long serialVersionUID = 1L;

  /** Escaped or in base64, six times this is still below Kafka's default for a message. */
  public static final int MAX_BYTES = 128 << 10;

  /** One JSON object, without a newline. */
  @Override
  public byte[] serialize(RejectedRecord rejected) {
    JsonLine line = new JsonLine();
    try (JsonGenerator json = line.json) {
      json.writeStartObject();
      json.writeStringProperty("reason", rejected.reason().text());
      json.writeStringProperty("detail", rejected.detail());
      Origin origin = rejected.origin();
      if (origin == null) {
        json.writeNullProperty("topic");
        json.writeNullProperty("partition");
        json.writeNullProperty("offset");
      } else {
        json.writeStringProperty("topic", origin.topic());
        json.writeNumberProperty("partition", origin.partition());
        json.writeNumberProperty("offset", origin.offset());
      }
      record(json, rejected);
      json.writeEndObject();
      return line.take();
    }
  }

  private static void record(JsonGenerator json, RejectedRecord rejected) {
    byte[] value = rejected.value();
    if (value == null) {
      json.writeNullProperty("record");
      return;
    }
    byte[] kept = value.length <= MAX_BYTES ? value : Arrays.copyOf(value, MAX_BYTES);
    boolean cut = kept.length < rejected.length();
    String text = Utf8.decode(kept);
    // A cut may go through a character of up to four bytes: then it moves before it.
    for (int back = 1; text == null && cut && back < 4 && back <= kept.length; back++) {
      text = Utf8.decode(Arrays.copyOf(kept, kept.length - back));
    }
    if (text == null) {
      json.writeStringProperty("record", Base64.getEncoder().encodeToString(kept));
      json.writeStringProperty("encoding", "base64");
    } else {
      json.writeStringProperty("record", text);
    }
    if (cut) {
      json.writeBooleanProperty("truncated", true);
      json.writeNumberProperty("length", rejected.length());
    }
  }
}
