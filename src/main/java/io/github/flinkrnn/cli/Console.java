package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Shown;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** What a command tells its user, on the standard error: the standard output is for records. */
final class Console {
  private final PrintStream err;
  private final boolean interactive;
  private final UnaryOperator<String> hide;

  /**
   * @param interactive whether a person sits at the standard input
   */
  Console(PrintStream err, boolean interactive) {
    this(err, interactive, UnaryOperator.identity());
  }

  /**
   * @param hide takes out of a text what nobody may be shown
   */
  Console(PrintStream err, boolean interactive, UnaryOperator<String> hide) {
    this.err = err;
    this.interactive = interactive;
    this.hide = hide;
  }

  void say(String what, String detail) {
    err.printf("%-8s %s%n", what, Shown.line(hide.apply(detail)));
  }

  void sayDone(long beginNanos, String counts) {
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    say("done", counts + String.format(Locale.ROOT, "%.1f s", seconds));
  }

  /** A line of what is odd and stops nothing. */
  void warn(String line) {
    sayError("warning: " + line);
  }

  /** The one line of a failure. */
  void sayError(String line) {
    err.println("flink-rnn: " + Shown.line(hide.apply(line)));
  }

  /** The same, of a file. */
  void sayError(InvalidFileException mistake) {
    sayError(mistake.shown(hide).getMessage());
  }

  /** A text without what nobody may be shown: before it is cut, for half of that is too much. */
  String hidden(String text) {
    return hide.apply(text);
  }

  /** The innermost cause, in a line. */
  String rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? "" : ": " + cause.getMessage().strip();
    return cause.getClass().getSimpleName() + hidden(message).replaceFirst("(?s)\\R.*", "");
  }

  boolean isInteractive() {
    return interactive;
  }

  PrintStream err() {
    return err;
  }
}
