package io.github.flinkrnn.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher makes of a job file's variables. */
class LauncherVariablesITCase {
  @TempDir private Path directory;
  private Launcher launcher;

  @BeforeEach
  void makeLauncher() throws IOException {
    launcher = new Launcher(directory);
    Files.copy(Path.of("jobs/name-tagging/tokens.jsonl"), directory.resolve("tokens.jsonl"));
  }

  /** A job whose brokers only a variable says. */
  private String job(String more) throws IOException {
    String properties = "properties: {bootstrap.servers: '${FLINK_RNN_TEST_UNSET}'}";
    return Files.writeString(
            directory.resolve("job.yaml"),
            ("name: variables\nmodel: "
                    + Path.of("jobs/name-tagging/model").toAbsolutePath()
                    + "\n")
                + ("source: {type: kafka, topic: tokens, " + properties + "}\n")
                + ("sink: {type: kafka, topic: predictions, " + properties + "}\n")
                + ("dead_letters: {type: kafka, topic: rejected, " + properties + "}\n")
                + more)
        .toString();
  }

  @Test
  void betweenFilesTheVariablesOfTheBrokersNeedNoValues() throws Exception {
    Launcher.Run run = launcher.run(job(""), "--input=" + directory.resolve("tokens.jsonl"));

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(53);
  }

  @Test
  void norDoThoseThatABrokerOfThisProcessReplaces() throws Exception {
    Launcher.Run run = launcher.run(job(""), "--embedded");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(53);
  }

  @Test
  void whatRemainsStillNeedsThem() throws Exception {
    String job = job("sequence: {idle_timeout: '${FLINK_RNN_TEST_UNSET}'}\n");
    for (String option : new String[] {"--input=-", "--embedded"}) {
      Launcher.Run run = launcher.run(job, option);

      assertThat(run.status()).isEqualTo(2);
      assertThat(run.stderr())
          .containsExactly(
              ("flink-rnn: " + job + ": sequence.idle_timeout: the environment variable ")
                  + "FLINK_RNN_TEST_UNSET is not set");
    }
  }
}
