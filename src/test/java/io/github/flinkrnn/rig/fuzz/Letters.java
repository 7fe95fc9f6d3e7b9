package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** Compares a dead letter with the record that it came from. */
final class Letters {
  private Letters() {}

  /**
   * Expects that the letter contains the record as it was sent, or its beginning if the letter is
   * marked as truncated.
   */
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
