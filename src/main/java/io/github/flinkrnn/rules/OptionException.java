package io.github.flinkrnn.rules;

import java.time.Duration;
import org.apache.flink.annotation.PublicEvolving;

/**
 * An invalid option, or one that the model does not support. The message is one line.
 *
 * @serial exclude
 */
@PublicEvolving
public final class OptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * @param field the field of the job file: {@code output.emit}
   * @param problem what was expected and found, in one line
   */
  public OptionException(String field, String problem) {
    super(field + ": " + problem);
    this.field = field;
  }

  static void expect(boolean valid, String field, String expected, Object found) {
    if (!valid) {
      Object shown = found instanceof Duration duration ? shown(duration) : found;
      throw new OptionException(field, "expected " + expected + ", found " + shown);
    }
  }

  /** A duration in seconds or milliseconds, as users write them. */
  private static String shown(Duration duration) {
    int millis = duration.toMillisPart();
    if (duration.toNanosPart() != millis * 1_000_000) {
      return duration.toString();
    }
    return millis == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }

  static void expectWhole(String field, long least, long most, long found) {
    expect(
        found >= least && found <= most, field, "an integer from " + least + " to " + most, found);
  }

  /** Expects a word that is not blank, or null for none. */
  static void expectWord(String field, String found) {
    expect(found == null || !found.isBlank(), field, "a word", "'" + found + "'");
  }

  static void expectDuration(String field, Duration found) {
    expect(
        found != null && IdleTimeout.isOne(found),
        field,
        "0 or a duration from 1 ms to 100 years",
        found);
  }

  /** {@return the field of the job file: {@code output.emit}} */
  public String field() {
    return field;
  }

  /** {@return the message without the field} */
  public String problem() {
    return getMessage().substring(field.length() + 2);
  }
}
