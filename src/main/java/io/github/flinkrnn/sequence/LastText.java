package io.github.flinkrnn.sequence;

import java.util.Arrays;

/**
 * The text that stood in a field of the record before: topics and names of models are the same for
 * millions of records, and need not be made anew for each.
 */
final class LastText {
  private byte[] utf8 = {};
  private String text = "";

  /** The text of so many bytes of UTF-8, or null when they are not. */
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
