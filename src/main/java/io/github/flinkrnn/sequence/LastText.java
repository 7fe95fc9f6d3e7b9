package io.github.flinkrnn.sequence;

import java.util.Arrays;

/**
 * The string that a field had in the previous record. The names of topics and models are the same
 * in millions of records, so the string is reused instead of decoded for each record.
 */
final class LastText {
  private byte[] utf8 = {};
  private String text = "";

  /** Returns the string of these UTF-8 bytes; null if they are not valid UTF-8. */
  String read(byte[] bytes, int start, int length) {
    if (!Arrays.equals(utf8, 0, utf8.length, bytes, start, start + length)) {
      String read = TextBytes.read(bytes, start, length, false);
      if (read == null) {
        return null;
      }
      text = read;
      utf8 = Arrays.copyOfRange(bytes, start, start + length);
    }
    return text;
  }
}
