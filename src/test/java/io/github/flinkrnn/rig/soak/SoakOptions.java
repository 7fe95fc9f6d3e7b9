package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.rig.cluster.SuiteCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The options of a run.
 *
 * @param tokens the number of tokens to send
 * @param keys the number of sequences
 * @param seed the seed of the model's weights, the words and the order
 * @param rate the maximum number of tokens per second; 0 for no limit
 * @param isZipf whether the keys are drawn by Zipf's law; otherwise they take turns
 * @param settings options of the job, each as {@code FIELD=VALUE}
 * @param json the file for the results
 */
record SoakOptions(
    long tokens,
    int keys,
    long seed,
    long rate,
    boolean isZipf,
    List<String> settings,
    Optional<Path> json) {
  static final Set<String> VALUED =
      Set.of("--tokens", "--keys", "--seed", "--rate", "--set", "--json");

  static final Set<String> FLAGS = Set.of("--zipf");

  /** With these, most tenths of the tokens are after the warm-up. */
  private static final int LEAST_PER_KEY = 4;

  /** Tokens are counted in a bit set, which cannot have more bits. */
  private static final long MOST_TOKENS = 2_000_000_000;

  private static final long HOUR = 3600;
  private static final long MONTH = 30 * 24 * HOUR;

  /**
   * @throws UsageException for an invalid command line
   */
  static SoakOptions of(Arguments arguments) {
    long keys = SuiteCommand.number(arguments, "--keys", 1_000_000, 1, 100_000_000);
    long tokens =
        SuiteCommand.number(arguments, "--tokens", 10 * keys, LEAST_PER_KEY * keys, MOST_TOKENS);
    Optional<Path> json = SuiteCommand.json(arguments);
    return new SoakOptions(
        tokens,
        (int) keys,
        SuiteCommand.number(arguments, "--seed", 1, 0, Long.MAX_VALUE),
        SuiteCommand.number(arguments, "--rate", 0, 0, 10_000_000),
        arguments.has("--zipf"),
        arguments.all("--set"),
        json);
  }

  KeyOrder order() {
    return isZipf ? new ZipfKeys(seed, keys) : new PassKeys(seed, keys);
  }

  /**
   * Longer than the pause of any key, so that no state expires: an hour, or more if the keys take
   * turns more slowly than that. By Zipf's law, a key may pause from the first token to the last,
   * so it is a month, or more if the run takes longer than that.
   */
  long idleTimeoutSeconds() {
    long least = isZipf ? MONTH : HOUR;
    long pause = isZipf ? tokens : keys;
    return rate == 0 ? least : Math.max(least, 4 * pause / rate);
  }

  /** The command that these options come from. */
  String command() {
    return "jobs/soak.sh --tokens "
        + tokens
        + " --keys "
        + keys
        + " --seed "
        + seed
        + (isZipf ? " --zipf" : "")
        + (rate == 0 ? "" : " --rate " + rate)
        + SuiteCommand.shown(settings);
  }
}
