package io.github.flinkrnn.local;

import io.github.flinkrnn.config.Shown;
import java.io.PrintStream;
import java.util.Locale;

/** What a command tells its user, on the standard error: the standard output is for records. */
final class Console {
  private final PrintStream err;
  private final boolean interactive;

  /**
   * @param interactive whether a person sits at the standard input
   */
  Console(PrintStream err, boolean interactive) {
    this.err = err;
    this.interactive = interactive;
  }

  void say(String what, String detail) {
    err.printf("%-8s %s%n", what, Shown.line(detail));
  }

  void sayDone(long beginNanos, String counts) {
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    say("done", counts + String.format(Locale.ROOT, "%.1f s", seconds));
  }

  /** The one line of a failure. */
  void sayError(String line) {
    err.println("flink-rnn: " + Shown.line(line));
  }

  boolean isInteractive() {
    return interactive;
  }

  PrintStream err() {
    return err;
  }
}
