package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Shown;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Prints messages to standard error, because standard output is for records. */
final class Console {
  private final PrintStream err;
  private final boolean interactive;
  private final UnaryOperator<String> hide;

  /**
   * @param interactive whether standard input is a terminal
   */
  Console(PrintStream err, boolean interactive) {
    this(err, interactive, UnaryOperator.identity());
  }

  /**
   * @param hide removes secrets from a text
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

  /** Prints a warning. */
  void warn(String line) {
    sayError("warning: " + line);
  }

  /** Prints an error in one line. */
  void sayError(String line) {
    err.println("flink-rnn: " + Shown.line(hide.apply(line)));
  }

  /** Prints the error of a file in one line. */
  void sayError(InvalidFileException mistake) {
    sayError(mistake.shown(hide).getMessage());
  }

  /** A text without secrets. To be called before it is cut, which could leave half of a secret. */
  String hidden(String text) {
    return hide.apply(text);
  }

  /** The innermost cause, in one line. */
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
