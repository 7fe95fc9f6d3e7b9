package io.github.flinkrnn.bench;

import java.io.PrintStream;
import java.util.Locale;

/** Prints what a benchmark is doing to standard error, with the seconds since its start. */
final class Progress {
  private final PrintStream err;
  private final long begin = System.nanoTime();

  Progress(PrintStream err) {
    this.err = err;
  }

  void say(String line) {
    err.printf(Locale.ROOT, "%6.1f s  %s%n", seconds(), line);
  }

  double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }
}
