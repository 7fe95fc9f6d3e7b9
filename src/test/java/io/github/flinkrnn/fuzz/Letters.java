package io.github.flinkrnn.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** What a dead letter says of the record that it came from. */
final class Letters {
  private Letters() {}

  /** It is the record as it came, or where the letter says so, its beginning. */
  static void expectRecord(JsonNode letter, byte[] sent) {
    JsonNode record = letter.get("record");
    if (sent == null) {
      Checks.expect(record.isNull(), "a tombstone's record is " + record.getNodeType());
      return;
    }
    String text = record.stringValue();
    byte[] shown = letter.has("encoding") ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
    byte[] expected = sent;
    if (letter.has("truncated")) {
      Checks.expect(shown.length <= sent.length, "more than the record");
      expected = Arrays.copyOf(sent, shown.length);
    }
    Checks.expect(Arrays.equals(shown, expected), "not the record as it came");
  }
}
