package io.github.flinkrnn.config;

/**
 * Text as people see it, on a terminal and in a log. What comes from files, records and brokers may
 * hold characters that move the cursor, turn lines around, or begin a line that nobody wrote: these
 * are escaped as in JSON, ESC as {@code \}{@code u001B}. A tab stays.
 */
public final class Shown {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private Shown() {}

  /** On one line: an end of a line is escaped, too. */
  public static String line(String text) {
    return escaped(text, "\\n");
  }

  /** On as many lines as there are, those after the first indented: none looks like a new entry. */
  public static String lines(String text) {
    return escaped(text.replace("\r\n", "\n"), "\n    ");
  }

  /** What stands between the quotes of a string in JSON. */
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

  /** Whether a text holds a character that is escaped, or a tab. */
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

  /** The escape of a character, in JSON's way. */
  public static String escape(int c) {
    char[] hex = {HEX[c >> 12 & 15], HEX[c >> 8 & 15], HEX[c >> 4 & 15], HEX[c & 15]};
    return "\\u" + new String(hex);
  }

  /**
   * The controls of ASCII (DEL among them) and of Latin-1, Unicode's ends of lines, and what turns
   * the direction of a text.
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
