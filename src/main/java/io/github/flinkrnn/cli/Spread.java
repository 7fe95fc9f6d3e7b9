package io.github.flinkrnn.cli;

/** The range of expected numbers over all lines, index by index. */
final class Spread {
  private double[] least;
  private double[] most;
  private int lines;

  /** Adds the numbers of a line, as many as in the first line; null for none. */
  void see(double[] numbers) {
    if (numbers == null) {
      return;
    }
    if (lines++ == 0) {
      least = numbers.clone();
      most = numbers.clone();
    }
    for (int i = 0; i < numbers.length; i++) {
      least[i] = Math.min(least[i], numbers[i]);
      most[i] = Math.max(most[i], numbers[i]);
    }
  }

  boolean isEmpty() {
    return lines == 0;
  }

  /**
   * Whether constant numbers would differ from these on some line. If not, agreement says little
   * about a model. Always true for a single line.
   */
  boolean tells(double tolerance) {
    if (lines < 2) {
      return lines == 1;
    }
    for (int i = 0; i < least.length; i++) {
      double fromMiddle = (most[i] - least[i]) / 2;
      double size = Math.max(1, Math.min(Math.abs(least[i]), Math.abs(most[i])));
      if (fromMiddle > tolerance * size) {
        return true;
      }
    }
    return false;
  }
}
