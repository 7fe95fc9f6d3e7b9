package io.github.flinkrnn.soak;

import io.github.flinkrnn.cluster.SuiteCommand;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a run is to be.
 *
 * @param tokens how many are sent
 * @param keys sequences, which take turns
 * @param seed of the model's weights, the words and the order
 * @param rate tokens a second at most; 0 for as fast as it goes
 * @param json where the figures go
 */
record SoakOptions(long tokens, int keys, long seed, long rate, Optional<Path> json) {
  static final Set<String> VALUED = Set.of("--tokens", "--keys", "--seed", "--rate", "--json");

  /** So that most tenths of the tokens are behind the first pass. */
  private static final int LEAST_PASSES = 4;

  /** More of them than a bit set has bits are not counted. */
  private static final long MOST_TOKENS = 2_000_000_000;

  private static final long LONG_TIMEOUT_SECONDS = 3600;

  /**
   * @throws UsageException for what its user got wrong
   */
  static SoakOptions of(Arguments arguments) {
    long keys = SuiteCommand.number(arguments, "--keys", 1_000_000, 1, 100_000_000);
    long tokens =
        SuiteCommand.number(arguments, "--tokens", 10 * keys, LEAST_PASSES * keys, MOST_TOKENS);
    Optional<Path> json = SuiteCommand.json(arguments);
    return new SoakOptions(
        tokens,
        (int) keys,
        SuiteCommand.number(arguments, "--seed", 1, 0, Long.MAX_VALUE),
        SuiteCommand.number(arguments, "--rate", 0, 0, 10_000_000),
        json);
  }

  /** How often each key has a token, the last pass being a part of one where it must. */
  int passes() {
    return Math.toIntExact((tokens + keys - 1) / keys);
  }

  /** An hour, or where the keys come around more slowly than that, what none of them reaches. */
  long idleTimeoutSeconds() {
    return rate == 0 ? LONG_TIMEOUT_SECONDS : Math.max(LONG_TIMEOUT_SECONDS, 4L * keys / rate);
  }

  /** The command that this is of. */
  String command() {
    return "jobs/soak.sh --tokens "
        + tokens
        + " --keys "
        + keys
        + " --seed "
        + seed
        + (rate == 0 ? "" : " --rate " + rate);
  }
}
