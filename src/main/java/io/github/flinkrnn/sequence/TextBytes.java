package io.github.flinkrnn.sequence;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * The serialized form of a string. It begins with a number (see {@link RecordBytes}), which is 0
 * for null, and otherwise 1 + 2 × the length in bytes, followed by the bytes in UTF-8. A string
 * with an unpaired surrogate has no UTF-8 form: its number is 2 + 2 × the length in bytes, followed
 * by its chars in UTF-16, big-endian. Each string is therefore restored exactly, and has only one
 * serialized form.
 */
final class TextBytes {
  /** The maximum number of UTF-8 bytes per char. */
  static final int MOST_A_CHAR = 3;

  private static final char ASCII_END = 0x80;

  private TextBytes() {}

  /**
   * Writes a string into an array with enough space, and returns the end of it. Nearly all strings
   * are ASCII, which is written in one pass. For any other string, what was written is overwritten.
   */
  static int write(String text, byte[] bytes, int start) {
    if (text == null) {
      bytes[start] = 0;
      return start + 1;
    }
    int length = text.length();
    int at = RecordBytes.putNumber(1 + 2L * length, bytes, start);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= ASCII_END) {
        return writeWide(text, bytes, start);
      }
      bytes[at + i] = (byte) c;
    }
    return at + length;
  }

  private static int writeWide(String text, byte[] bytes, int start) {
    if (!Utf8.isEncodable(text)) {
      return writeChars(text, bytes, start);
    }
    byte[] utf8 = text.getBytes(UTF_8);
    int at = RecordBytes.putNumber(1 + 2L * utf8.length, bytes, start);
    System.arraycopy(utf8, 0, bytes, at, utf8.length);
    return at + utf8.length;
  }

  private static int writeChars(String text, byte[] bytes, int start) {
    int at = RecordBytes.putNumber(2 + 4L * text.length(), bytes, start);
    for (int i = 0; i < text.length(); i++) {
      bytes[at++] = (byte) (text.charAt(i) >>> 8);
      bytes[at++] = (byte) text.charAt(i);
    }
    return at;
  }

  /**
   * Reads a string of this length in bytes; null if the bytes are not what {@link #write} writes.
   */
  static String read(byte[] bytes, int start, int length, boolean wide) {
    if (wide) {
      return readChars(bytes, start, length);
    }
    String text = new String(bytes, start, length, UTF_8);
    // Java decodes invalid UTF-8 to this character, but the string may also contain it.
    if (text.indexOf('\ufffd') >= 0 && !isUtf8Of(text, bytes, start, length)) {
      return null;
    }
    return text;
  }

  private static boolean isUtf8Of(String text, byte[] bytes, int start, int length) {
    byte[] utf8 = text.getBytes(UTF_8);
    return Arrays.equals(utf8, 0, utf8.length, bytes, start, start + length);
  }

  private static String readChars(byte[] bytes, int start, int length) {
    char[] chars = new char[length / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) (bytes[start + 2 * i] << 8 | (bytes[start + 2 * i + 1] & 0xff));
    }
    String text = new String(chars);
    return length % 2 == 0 && !Utf8.isEncodable(text) ? text : null;
  }
}
