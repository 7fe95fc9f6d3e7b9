package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Utf8;
import java.util.Arrays;
import java.util.Base64;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import tools.jackson.core.JsonGenerator;

/**
 * Writes dead letters as JSON objects in UTF-8. A record longer than {@value #MAX_BYTES} bytes, or
 * one that would make the dead letter too long, is truncated, and its length is written too: a dead
 * letter must fit where its record did.
 */
@Internal
public final class RejectedRecordEncoder implements SerializationSchema<RejectedRecord> {
  private static final long serialVersionUID = 1L;

  /** Escaping takes up to six bytes for one: the result is still below Kafka's default limit. */
  public static final int MAX_BYTES = 128 << 10;

  /** The maximum length of a dead letter without its record. */
  public static final int LEAST_BYTES = 8 << 10;

  /** The beginning of the detail of a record whose output is longer than its topic accepts. */
  public static final String OUTPUT_TOO_LARGE = "output: expected at most the topic's ";

  private static final int MAX_DETAIL = 500;

  /** One JSON object, without a newline. */
  @Override
  public byte[] serialize(RejectedRecord rejected) {
    return serialize(rejected, Integer.MAX_VALUE, false, false);
  }

  /**
   * One JSON object, without a newline.
   *
   * @param most the maximum length in bytes, at least {@value #LEAST_BYTES}
   * @param keyDropped whether the Kafka record of the dead letter lacks the key of its record
   * @param headersDropped whether it lacks the headers
   */
  public byte[] serialize(
      RejectedRecord rejected, int most, boolean keyDropped, boolean headersDropped) {
    int kept = MAX_BYTES;
    byte[] json = serializeCut(rejected, kept, keyDropped, headersDropped);
    while (json.length > most && kept > 0) {
      // The escaped length of a byte varies along the record: leave a margin, and repeat if needed.
      kept = (int) Math.min(kept / 2 + 1, (long) kept * most / json.length * 9 / 10);
      json = serializeCut(rejected, kept, keyDropped, headersDropped);
    }
    return json;
  }

  private static byte[] serializeCut(
      RejectedRecord rejected, int most, boolean keyDropped, boolean headersDropped) {
    JsonLine line = new JsonLine();
    try (JsonGenerator json = line.json) {
      json.writeStartObject();
      json.writeStringProperty("reason", rejected.reason().text());
      json.writeStringProperty("detail", Utf8.cut(rejected.detail(), MAX_DETAIL));
      Origin origin = rejected.record().origin();
      if (origin == null) {
        json.writeNullProperty("topic");
        json.writeNullProperty("partition");
        json.writeNullProperty("offset");
      } else {
        json.writeStringProperty("topic", origin.topic());
        json.writeNumberProperty("partition", origin.partition());
        json.writeNumberProperty("offset", origin.offset());
      }
      if (rejected.record().element() != SourceRecord.NO_ELEMENT) {
        json.writeNumberProperty("element", rejected.record().element());
      }
      record(json, rejected.record(), most);
      if (keyDropped) {
        json.writeBooleanProperty("key_dropped", true);
      }
      if (headersDropped) {
        json.writeBooleanProperty("headers_dropped", true);
      }
      if (rejected.reason() == Reason.TOO_LARGE && rejected.detail().startsWith(OUTPUT_TOO_LARGE)) {
        json.writeBooleanProperty("output", true);
      }
      json.writeEndObject();
      return line.take();
    }
  }

  private static void record(JsonGenerator json, SourceRecord record, int most) {
    byte[] value = record.value();
    if (value == null) {
      json.writeNullProperty("record");
      return;
    }
    byte[] kept = value.length <= most ? value : Arrays.copyOf(value, most);
    boolean cut = kept.length < record.length();
    String text = Utf8.decode(kept);
    // Do not cut within a character, which has up to four bytes.
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
      json.writeNumberProperty("length", record.length());
    }
  }
}
