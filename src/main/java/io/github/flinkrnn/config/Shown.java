package io.github.flinkrnn.config;

import org.apache.flink.annotation.Internal;

/**
 * Escapes text for terminals and logs. Text from files, records and brokers may contain characters
 * that move the cursor, reverse the direction of a line or start a forged line. They are escaped as
 * in JSON: ESC becomes {@code \}{@code u001B}. A tab is kept.
 */
@Internal
public final class Shown {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private Shown() {}

  /** The text on one line: line ends are escaped too. */
  public static String line(String text) {
    return escaped(text, "\\n");
  }

  /** The text on its own lines. All but the first are indented, so none looks like a log entry. */
  public static String lines(String text) {
    return escaped(text.replace("\r\n", "\n"), "\n    ");
  }

  /** The text as it stands between the quotes of a JSON string. */
  public static String json(String text) {
    StringBuilder json = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c == '\n' || c == '\t') {
        json.append(c == '\n' ? "\\n" : "\\t");
      } else {
        append(json, c);
      }
    }
    return json.toString();
  }

  /** Whether the text contains a tab or a character that this class escapes. */
  public static boolean hasControl(String text) {
    return text.chars().anyMatch(c -> c == '\t' || isControl(c));
  }

  private static String escaped(String text, String newline) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        escaped.append(newline);
      } else if (c == '\t') {
        escaped.append(c);
      } else {
        append(escaped, c);
      }
    }
    return escaped.toString();
  }

  private static void append(StringBuilder to, char c) {
    if (isControl(c)) {
      to.append(escape(c));
    } else {
      to.append(c);
    }
  }

  /** The JSON escape of a character: {@code \}{@code uXXXX}. */
  public static String escape(int c) {
    char[] hex = {HEX[c >> 12 & 15], HEX[c >> 8 & 15], HEX[c >> 4 & 15], HEX[c & 15]};
    return "\\u" + new String(hex);
  }

  /**
   * Whether a character is a control character of ASCII (DEL included) or Latin-1, a Unicode line
   * end, or a character that changes the direction of text.
   */
  public static boolean isControl(int c) {
    return c < 0x20
        || (c >= 0x7f && c < 0xa0)
        || c == 0x61c // Arabic letter mark
        || c == 0x200e // left-to-right mark
        || c == 0x200f // right-to-left mark
        || (c >= 0x2028 && c <= 0x202e) // ends of lines, embeddings, overrides
        || (c >= 0x2066 && c <= 0x2069); // isolates
  }
}
