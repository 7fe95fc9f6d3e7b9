package io.github.flinkrnn.sequence;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * The bytes of a text: a number (see {@link RecordBytes}) that is 0 for null, else 1 + 2 × the
 * length in bytes, and the bytes in UTF-8. A text with half of a surrogate pair has no UTF-8: its
 * number is 2 + 2 × the length in bytes, and the bytes are its chars in UTF-16, big-endian. So each
 * text comes back as it was, and each is written in one way alone.
 */
final class TextBytes {
  /** In UTF-8. */
  static final int MOST_A_CHAR = 3;

  private static final char ASCII_END = 0x80;

  private TextBytes() {}

  /**
   * Writes a text where there is room for it, and returns where it ends. Nearly all that flows is
   * ASCII: it is written in one pass, and what is written of another text is written over.
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

  /** The text of so many bytes, or null when they are not what {@link #write} writes. */
  static String read(byte[] bytes, int start, int length, boolean wide) {
    if (wide) {
      return readChars(bytes, start, length);
    }
    String text = new String(bytes, start, length, UTF_8);
    // Java reads what is no UTF-8 as this character, which a text may also have of its own.
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
