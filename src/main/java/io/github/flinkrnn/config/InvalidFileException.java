package io.github.flinkrnn.config;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A file that the user wrote (a model, a job file) says something that cannot be. The message is
 * one line that names the file, the place in it, and what was expected there.
 */
public final class InvalidFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Those of {@link Shown}: in a line's middle a blank says as much. */
  private static final Pattern CONTROLS =
      Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+");

  private static final Pattern HALVES = Pattern.compile("\\p{Cs}");

  private static final int MAX_LENGTH = 600;
  private static final int KEPT_BEFORE = 400;
  private static final int KEPT_AFTER = 200;

  /** All of it, before it became a line. */
  private final String whole;

  /**
   * @param file the file as the user named it
   * @param place the field, tensor or byte offset; empty when it is the file as a whole
   * @param problem what was found and what was expected
   */
  public InvalidFileException(String file, String place, String problem) {
    this(place.isEmpty() ? file + ": " + problem : file + ": " + place + ": " + problem);
  }

  private InvalidFileException(String whole) {
    super(oneLine(whole));
    this.whole = whole;
  }

  /**
   * The same with another text, which is made of the whole one: a line may have lost its middle.
   */
  public InvalidFileException shown(UnaryOperator<String> text) {
    InvalidFileException shown = new InvalidFileException(text.apply(whole));
    shown.setStackTrace(getStackTrace());
    return shown;
  }

  // What is quoted from a hostile file must not break the line, nor flood it. The middle goes, for
  // the file is named at the start and what was expected at the end.
  private static String oneLine(String message) {
    // Half of a surrogate pair, which JSON can write, is no character.
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
