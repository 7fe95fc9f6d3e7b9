package io.github.flinkrnn.soak;

import java.util.ArrayList;
import java.util.List;

/** How many tokens had been taken when; between two looks, as if at an even pace. */
final class Progress {
  private record Look(long millis, long tokens) {}

  private final List<Look> looks = new ArrayList<>();

  /**
   * @param millis of the clock, not before those of the look before
   * @param tokens not fewer either
   */
  void add(long millis, long tokens) {
    if (!looks.isEmpty() && tokens < looks.get(looks.size() - 1).tokens()) {
      throw new IllegalStateException("the job started over: see its exceptions");
    }
    looks.add(new Look(millis, tokens));
  }

  /** When so many had been taken; of a number that was there for a while, the first moment. */
  double millis(double tokens) {
    Look before = looks.get(0);
    for (Look look : looks) {
      if (look.tokens() >= tokens) {
        double share =
            look.tokens() == before.tokens()
                ? 1
                : (tokens - before.tokens()) / (look.tokens() - before.tokens());
        return before.millis() + share * (look.millis() - before.millis());
      }
      before = look;
    }
    throw new IllegalArgumentException(tokens + " tokens were not taken");
  }

  /** Tokens a second between two numbers of tokens. */
  double perSecond(double from, double to) {
    return (to - from) / (millis(to) - millis(from)) * 1e3;
  }
}
