package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.Arguments;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The arguments and the output of the command, without a cluster. */
class SoakTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int status(String... words) {
    return Soak.status(words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  private static SoakOptions options(String... words) {
    return SoakOptions.of(Arguments.parse(words, SoakOptions.VALUED, SoakOptions.FLAGS));
  }

  @Test
  void aMistakeIsOneLineAndStartsNothing() {
    assertThat(status("--tokens", "many")).isEqualTo(2);
    assertThat(status("--token", "3")).isEqualTo(2);
    assertThat(status("--keys", "10", "--tokens", "39")).isEqualTo(2);
    assertThat(status("--json", "no/such/directory/file.json")).isEqualTo(2);
    assertThat(status("now")).isEqualTo(2);
    assertThat(status("--zipfs")).isEqualTo(2);
    assertThat(status("--set")).isEqualTo(2);
    assertThat(status("--set", "state_cache")).isEqualTo(2);
    assertThat(status("--set", "state_cash=0")).isEqualTo(2);
    assertThat(status("--set", "batch.size=1", "--set", "state_cache=-1mb")).isEqualTo(2);

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines())
        .containsExactly(
            "flink-rnn: --tokens many: expected an integer from 4000000 to 2000000000",
            "flink-rnn: --token: unknown option (did you mean --tokens?)",
            "flink-rnn: --tokens 39: expected an integer from 40 to 2000000000",
            "flink-rnn: --json no/such/directory/file.json: expected a file in a directory",
            "flink-rnn: now: expected only options",
            "flink-rnn: --zipfs: unknown option (did you mean --zipf?)",
            "flink-rnn: --set: missing: expected a value",
            "flink-rnn: --set state_cache: expected FIELD=VALUE, like sink.topic=tags",
            "flink-rnn: --set state_cash: unknown field (did you mean state_cache?); expected name,"
                + " model, source, output, sequence, sink, dead_letters, ends, batch, state_cache, flink",
            "flink-rnn: --set state_cache: expected a size like 64mb, 1gb or 0, found '-1mb'");
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(status("--help")).isZero();

    assertThat(out.toString(UTF_8)).contains(SoakOptions.VALUED).contains(SoakOptions.FLAGS);
  }

  @Test
  void theDefaultsAreTenMillionTokensOnAMillionKeys() {
    assertThat(options())
        .isEqualTo(
            new SoakOptions(10_000_000, 1_000_000, 1, 0, false, List.of(), Optional.empty()));
    assertThat(options("--keys", "5").tokens()).isEqualTo(50);
  }

  @Test
  void theCommandIsShownWithAllRelevantOptions() {
    assertThat(options("--keys", "5", "--rate", "7").command())
        .isEqualTo("jobs/soak.sh --tokens 50 --keys 5 --seed 1 --rate 7");
    assertThat(
            options("--keys", "5", "--set", "state_cache=0", "--zipf", "--set=batch={size: 1}")
                .command())
        .isEqualTo(
            "jobs/soak.sh --tokens 50 --keys 5 --seed 1 --zipf --set state_cache=0"
                + " --set 'batch={size: 1}'");
  }

  @Test
  void keysTakeTurnsUnlessZipf() {
    assertThat(options("--keys", "5", "--seed", "3").order()).isEqualTo(new PassKeys(3, 5));
    assertThat(options("--keys", "5", "--zipf").order()).isEqualTo(new ZipfKeys(1, 5));
  }

  @Test
  void noKeyIsSilentForTheIdleTimeout() {
    assertThat(options().idleTimeoutSeconds()).isEqualTo(3600);
    assertThat(options("--rate", "5000").idleTimeoutSeconds()).isEqualTo(3600);
    assertThat(options("--rate", "100").idleTimeoutSeconds()).isEqualTo(40_000);
    assertThat(options("--zipf").idleTimeoutSeconds()).isEqualTo(2_592_000);
    assertThat(options("--zipf", "--rate", "100").idleTimeoutSeconds()).isEqualTo(2_592_000);
    assertThat(options("--zipf", "--rate", "10").idleTimeoutSeconds()).isEqualTo(4_000_000);
  }
}
