package io.github.flinkrnn.rig.soak;

import java.util.ArrayList;
import java.util.List;

/**
 * How many tokens had been taken at which time. Between two measurements, the pace counts as
 * constant.
 */
final class Progress {
  private record Look(long millis, long tokens) {}

  private final List<Look> looks = new ArrayList<>();

  /**
   * @param millis the clock, not before the previous measurement
   * @param tokens not fewer than at the previous measurement
   */
  void add(long millis, long tokens) {
    if (!looks.isEmpty() && tokens < looks.get(looks.size() - 1).tokens()) {
      throw new IllegalStateException("the job started over: see its exceptions");
    }
    looks.add(new Look(millis, tokens));
  }

  /**
   * When this many tokens had been taken. If the number did not change for a while, the first
   * moment.
   */
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

  /** Tokens per second between two numbers of tokens. */
  double perSecond(double from, double to) {
    return (to - from) / (millis(to) - millis(from)) * 1e3;
  }
}
