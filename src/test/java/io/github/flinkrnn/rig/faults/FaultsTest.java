package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arguments and the output of the command, without a cluster. */
class FaultsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int status(String... words) {
    return Faults.status(
        words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void aMistakeIsOneLineAndStartsNothing() {
    assertThat(status("--faults", "none")).isEqualTo(2);
    assertThat(status("--fault", "3")).isEqualTo(2);
    assertThat(status("--only", "kill-brokers")).isEqualTo(2);
    assertThat(status("--json", "no/such/directory/file.json")).isEqualTo(2);
    assertThat(status("now")).isEqualTo(2);

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines())
        .containsExactly(
            "flink-rnn: --faults none: expected an integer from 1 to 100000",
            "flink-rnn: --fault: unknown option (did you mean --faults?)",
            "flink-rnn: --only kill-brokers: expected kinds of: kill-taskmanager, kill-in-checkpoint,"
                + " kill-jobmanager, kill-broker, pause-taskmanager, full-disk, unreadable-model, poison-record,"
                + " future-token, large-prediction, delete-topic, stop-and-resume, rescale, other-jdk, roll-back-and-forth, second-job,"
                + " long-downtime, broker-upgrade",
            "flink-rnn: --json no/such/directory/file.json: expected a file in a directory",
            "flink-rnn: now: expected only options");
  }

  @Test
  void helpNamesEveryKind() {
    assertThat(status("--help")).isZero();

    assertThat(out.toString(UTF_8)).contains("--faults N", "--seed S", "roll-back-and-forth");
  }

  @Test
  void aRowIsALineAndAnObject() {
    FaultRow row = new FaultRow("kill-broker", 4.26, new Counts(1, 5, 6, 2, 3, 4));

    assertThat(row.line().strip().split(" +"))
        .containsExactly("kill-broker", "4.3", "1", "5", "6", "2", "3", "4");
    assertThat(row.line()).hasSameSizeAs(FaultRow.header());
    assertThat(FaultRow.json(List.of(row)).replaceAll("\\s", ""))
        .isEqualTo(
            "[{\"fault\":\"kill-broker\",\"recovery_s\":4.3,\"lost\":1,\"lost_and_said\":5,"
                + "\"said_in_vain\":6,\"duplicated\":2,"
                + "\"out_of_order\":3,\"different\":4}]");
  }
}
