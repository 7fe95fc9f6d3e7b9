package io.github.flinkrnn.soak;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import java.nio.file.Files;
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
    if (!arguments.rest().isEmpty()) {
      throw new UsageException(arguments.rest().get(0) + ": expected options alone");
    }
    long keys = number(arguments, "--keys", 1_000_000, 1, 100_000_000);
    long tokens = number(arguments, "--tokens", 10 * keys, LEAST_PASSES * keys, MOST_TOKENS);
    Optional<Path> json = arguments.one("--json").map(Path::of);
    if (json.isPresent() && !Files.isDirectory(json.get().toAbsolutePath().getParent())) {
      throw new UsageException("--json " + json.get() + ": expected a file in a directory");
    }
    return new SoakOptions(
        tokens,
        (int) keys,
        number(arguments, "--seed", 1, 0, Long.MAX_VALUE),
        number(arguments, "--rate", 0, 0, 10_000_000),
        json);
  }

  private static long number(
      Arguments arguments, String option, long otherwise, long least, long most) {
    String text = arguments.one(option).orElse(String.valueOf(otherwise));
    if (text.matches("\\d{1,18}")) {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new UsageException(
        option + " " + text + ": expected a whole number from " + least + " to " + most);
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
