package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.sequence.Reason;
import java.util.Base64;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.JsonNode;

/**
 * A dead letter as {@link RejectedRecordEncoder} wrote it.
 *
 * @param topic the topic of the record; null if it was read from no topic
 * @param partition the partition of the record; empty if it was read from no topic
 * @param record the value of the record; null for a tombstone
 * @param element the index of the rejected element, if the record holds several tokens
 * @param isCut whether only the beginning of the record was kept
 * @param isKeyDropped whether the key of the record was not kept
 * @param areHeadersDropped whether the headers of the record were not kept
 * @param isOutput whether not the record was rejected, but what its step emitted
 */
@Internal
public record DeadLetter(
    Reason reason,
    String topic,
    Optional<Integer> partition,
    byte[] record,
    Optional<Integer> element,
    boolean isCut,
    boolean isKeyDropped,
    boolean areHeadersDropped,
    boolean isOutput) {

  /** Reads a dead letter; empty if it is not one, or has a reason of another version. */
  public static Optional<DeadLetter> read(byte[] json) {
    try {
      JsonNode letter = ConfigJson.parse("", "", json == null ? new byte[0] : json);
      JsonNode record = letter.path("record");
      JsonNode element = letter.path("element");
      JsonNode partition = letter.path("partition");
      Optional<Reason> reason = Reason.of(letter.path("reason").asString(""));
      boolean valid =
          (record.isString() || record.isNull())
              && (element.isMissingNode() || element.canConvertToInt());
      if (!valid || reason.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new DeadLetter(
              reason.get(),
              letter.path("topic").isString() ? letter.path("topic").stringValue() : null,
              partition.canConvertToInt() && partition.intValue() >= 0
                  ? Optional.of(partition.intValue())
                  : Optional.empty(),
              bytes(record, letter.path("encoding").asString("")),
              element.isMissingNode() ? Optional.empty() : Optional.of(element.intValue()),
              letter.path("truncated").asBoolean(false),
              letter.path("key_dropped").asBoolean(false),
              letter.path("headers_dropped").asBoolean(false),
              letter.path("output").asBoolean(false)));
    } catch (InvalidFileException | IllegalArgumentException e) { // not JSON, not base64
      return Optional.empty();
    }
  }

  private static byte[] bytes(JsonNode record, String encoding) {
    if (record.isNull()) {
      return null;
    }
    String text = record.stringValue();
    return encoding.equals("base64") ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
  }
}
