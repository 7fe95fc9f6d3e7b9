package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  private static Map<String, String> sentinels(String format) {
    return Map.of(
        "JOB_NAME", "sentinel-job",
        "IN_TOPIC", "sentinel-in",
        "OUT_TOPIC", "sentinel-out",
        "GROUP", "sentinel-group",
        "WORD", "sentinel-word",
        "WHERE", "127.0.0.1:1",
        "FLINK_RNN_LOG_FORMAT", format);
  }

  /** Flink and Kafka log the names of jobs, topics and groups, on many threads: not these. */
  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void whatCameFromTheEnvironmentIsNeitherSaidNorLogged(String format) throws Exception {
    launcher = new Launcher(directory, sentinels(format));
    Launcher.Run run =
        launcher.run(
            job(""),
            "--embedded",
            "--set=name=${JOB_NAME}",
            "--set=source.topic=${IN_TOPIC}",
            "--set=sink.topic=${OUT_TOPIC}",
            "--set=source.properties.group.id=${GROUP}");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(53);
    assertThat(run.stderr()).noneMatch(line -> line.contains("sentinel"));
    List<String> log = Files.readAllLines(directory.resolve("run.log"));
    assertThat(log).noneMatch(line -> line.contains("sentinel"));
    assertThat(log)
        .anyMatch(line -> line.contains("${JOB_NAME}"))
        .anyMatch(line -> line.contains("${IN_TOPIC}"));
  }

  @Test
  void anErrorOfModelBrokerOrFlinkShowsItsName() throws Exception {
    launcher = new Launcher(directory, sentinels("text"));
    String job = job("");
    assertThat(refusal(job, "--embedded", "--set=sequence.start_token=${WORD}"))
        .isEqualTo(
            job + ": sequence.start_token: expected a word of the vocabulary, found '${WORD}'");
    assertThat(refusal(job, "--embedded", "--set=flink.parallelism.default=${WORD}"))
        .startsWith(job + ": flink: ")
        .contains("'${WORD}'");
    assertThat(
            refusal(
                job,
                "--brokers",
                "--set=source.properties.bootstrap.servers=${WHERE}",
                "--set=sink.type=print",
                "--set=dead_letters.type=print"))
        .isEqualTo(
            job
                + ": source.properties.bootstrap.servers: no broker answered at ${WHERE} within 15 s");
    assertThat(Files.readString(directory.resolve("run.log")))
        .contains("nodes = [${WHERE} (")
        .doesNotContain("127.0.0.1:1");
  }

  /** Else a variable that is exported for another program would be a run without end, unseen. */
  @Test
  void brokersOfTheEnvironmentAreSaidBeforeTheRun() throws Exception {
    launcher = new Launcher(directory, Map.of("KAFKA", "127.0.0.1:1"));
    String job = Path.of("").toAbsolutePath() + "/jobs/name-tagging/job.yaml";
    Launcher.Run run = launcher.run("name-tagging");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stderr())
        .containsExactly(
            ("flink-rnn: warning: " + job + ": the job runs on the brokers ${KAFKA},")
                + " from the environment, until you stop it; use --embedded to run the sample,"
                + " --brokers to suppress this warning",
            ("flink-rnn: " + job + ": source.properties.bootstrap.servers: no broker answered at")
                + " ${KAFKA} within 15 s");
  }

  @Test
  void aMisspeltOptionOfFlinkIsAWarningAndTheJobRuns() throws Exception {
    String job = job("flink: {execution.checkpointing.intervall: 1s, s3.anything: x}\n");
    Launcher.Run run = launcher.run(job, "--input=" + directory.resolve("tokens.jsonl"));

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(53);
    assertThat(run.stderr())
        .filteredOn(line -> line.contains("warning"))
        .containsExactly(
            ("flink-rnn: warning: " + job + ": flink.execution.checkpointing.intervall: unknown")
                + " Flink option (did you mean execution.checkpointing.interval?)");
  }

  private String refusal(String... words) throws Exception {
    Launcher.Run run = launcher.run(words);
    assertThat(run.status()).as("%s", run.stderr()).isEqualTo(2);
    assertThat(run.stderr()).noneMatch(line -> line.contains("sentinel"));
    String last = run.stderr().get(run.stderr().size() - 1);
    assertThat(last).startsWith("flink-rnn: ");
    return last.substring("flink-rnn: ".length());
  }
}
