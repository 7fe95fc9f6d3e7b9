package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.Arguments;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arguments and the output of the command, without a cluster. */
class SoakTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int status(String... words) {
    return Soak.status(words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  private static SoakOptions options(String... words) {
    return SoakOptions.of(Arguments.parse(words, SoakOptions.VALUED, Set.of()));
  }

  @Test
  void aMistakeIsOneLineAndStartsNothing() {
    assertThat(status("--tokens", "many")).isEqualTo(2);
    assertThat(status("--token", "3")).isEqualTo(2);
    assertThat(status("--keys", "10", "--tokens", "39")).isEqualTo(2);
    assertThat(status("--json", "no/such/directory/file.json")).isEqualTo(2);
    assertThat(status("now")).isEqualTo(2);

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines())
        .containsExactly(
            "flink-rnn: --tokens many: expected an integer from 4000000 to 2000000000",
            "flink-rnn: --token: unknown option (did you mean --tokens?)",
            "flink-rnn: --tokens 39: expected an integer from 40 to 2000000000",
            "flink-rnn: --json no/such/directory/file.json: expected a file in a directory",
            "flink-rnn: now: expected only options");
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(status("--help")).isZero();

    assertThat(out.toString(UTF_8)).contains(SoakOptions.VALUED);
  }

  @Test
  void theDefaultsAreTenMillionTokensOnAMillionKeys() {
    assertThat(options()).isEqualTo(new SoakOptions(10_000_000, 1_000_000, 1, 0, Optional.empty()));
    assertThat(options("--keys", "5").tokens()).isEqualTo(50);
  }

  @Test
  void theCommandIsShownWithAllRelevantOptions() {
    assertThat(options("--keys", "5", "--rate", "7").command())
        .isEqualTo("jobs/soak.sh --tokens 50 --keys 5 --seed 1 --rate 7");
  }

  @Test
  void aPartOfAPassIsAPass() {
    assertThat(options("--keys", "5", "--tokens", "25").passes()).isEqualTo(5);
    assertThat(options("--keys", "5", "--tokens", "26").passes()).isEqualTo(6);
  }

  @Test
  void noKeyIsSilentForTheIdleTimeout() {
    assertThat(options().idleTimeoutSeconds()).isEqualTo(3600);
    assertThat(options("--rate", "5000").idleTimeoutSeconds()).isEqualTo(3600);
    assertThat(options("--rate", "100").idleTimeoutSeconds()).isEqualTo(40_000);
  }
}
