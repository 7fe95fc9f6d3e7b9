package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.rig.cluster.SuiteCommand;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The options of a run.
 *
 * @param tokens the number of tokens to send
 * @param keys the number of sequences, which take turns
 * @param seed the seed of the model's weights, the words and the order
 * @param rate the maximum number of tokens per second; 0 for no limit
 * @param json the file for the results
 */
record SoakOptions(long tokens, int keys, long seed, long rate, Optional<Path> json) {
  static final Set<String> VALUED = Set.of("--tokens", "--keys", "--seed", "--rate", "--json");

  /** With these, most tenths of the tokens are after the first pass. */
  private static final int LEAST_PASSES = 4;

  /** Tokens are counted in a bit set, which cannot have more bits. */
  private static final long MOST_TOKENS = 2_000_000_000;

  private static final long LONG_TIMEOUT_SECONDS = 3600;

  /**
   * @throws UsageException for an invalid command line
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

  /** The number of passes over the keys. The last one may be incomplete. */
  int passes() {
    return Math.toIntExact((tokens + keys - 1) / keys);
  }

  /** An hour. If the keys take turns more slowly than that, longer than the pause of any key. */
  long idleTimeoutSeconds() {
    return rate == 0 ? LONG_TIMEOUT_SECONDS : Math.max(LONG_TIMEOUT_SECONDS, 4L * keys / rate);
  }

  /** The command that these options come from. */
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
