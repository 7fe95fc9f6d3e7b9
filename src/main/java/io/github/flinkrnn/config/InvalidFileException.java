package io.github.flinkrnn.config;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A file of the user (a model or a job file) is invalid or not supported. The message is one line:
 * {@code <file>: <field>: expected <what>, found <what>}.
 */
@PublicEvolving
public final class InvalidFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The control characters of {@link Shown}; here a space replaces them. */
  private static final Pattern CONTROLS =
      Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+");

  private static final Pattern HALVES = Pattern.compile("\\p{Cs}");

  private static final int MAX_LENGTH = 600;
  private static final int KEPT_BEFORE = 400;
  private static final int KEPT_AFTER = 200;

  /** The message before it was cut to one line. */
  private final String whole;

  /**
   * @param file the file as the user named it
   * @param place the field, tensor or byte offset; empty for the file as a whole
   * @param problem what was expected and what was found
   */
  public InvalidFileException(String file, String place, String problem) {
    this(place.isEmpty() ? file + ": " + problem : file + ": " + place + ": " + problem);
  }

  private InvalidFileException(String whole) {
    super(oneLine(whole));
    this.whole = whole;
  }

  /**
   * A copy with another message. {@code text} receives the whole message, before it was cut.
   *
   * @param text changes the message
   * @return the copy
   */
  public InvalidFileException shown(UnaryOperator<String> text) {
    InvalidFileException shown = new InvalidFileException(text.apply(whole));
    shown.setStackTrace(getStackTrace());
    return shown;
  }

  // A quote from a hostile file must neither break the line nor flood it. The middle is cut,
  // because the start names the file and the end quotes what was found.
  private static String oneLine(String message) {
    // JSON can contain half of a surrogate pair, which is not a character.
    String line = HALVES.matcher(CONTROLS.matcher(message).replaceAll(" ")).replaceAll("\ufffd");
    if (line.length() <= MAX_LENGTH) {
      return line;
    }
    int end = KEPT_BEFORE;
    int begin = line.length() - KEPT_AFTER;
    end -= Character.isLowSurrogate(line.charAt(end)) ? 1 : 0; // before the pair
    begin += Character.isLowSurrogate(line.charAt(begin)) ? 1 : 0; // after it
    return line.substring(0, end) + "…" + line.substring(begin);
  }
}
