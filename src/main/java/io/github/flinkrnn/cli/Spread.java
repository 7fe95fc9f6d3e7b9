package io.github.flinkrnn.cli;

/** How much expected numbers differ from line to line, place by place. */
final class Spread {
  private double[] least;
  private double[] most;
  private int lines;

  /** A line's numbers, as many as the first line's; null for none. */
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
   * Whether numbers that stay the same on every line would differ from these somewhere: without it,
   * agreement says little of a model. Of a single line it is not asked.
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
