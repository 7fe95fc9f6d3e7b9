package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Environment variables in a job file, and those of {@code jobs/run.sh}. */
class LauncherVariablesITCase {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;

  /** A job whose brokers are in an unset variable. */
  private String job(String more) throws IOException {
    Files.copy(Path.of("jobs/name-tagging/tokens.jsonl"), directory.resolve("tokens.jsonl"));
    String properties = "properties: {bootstrap.servers: '${FLINK_RNN_TEST_UNSET}'}";
    String text =
        ("name: variables\nmodel: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: tokens, " + properties + "}\n")
            + ("sink: {type: kafka, topic: predictions, " + properties + "}\n")
            + ("dead_letters: {type: kafka, topic: rejected, " + properties + "}\n");
    return Files.writeString(directory.resolve("job.yaml"), text + more).toString();
  }

  @Test
  void betweenFilesTheBrokersNeedNoValuesAndAMisspeltFlinkOptionIsAWarning() throws Exception {
    String job = job("flink: {execution.checkpointing.intervall: 1s, s3.anything: x}\n");
    Launcher.Run run =
        new Launcher(directory).run(job, "--input=" + directory.resolve("tokens.jsonl"));

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(53);
    assertThat(run.stderr())
        .filteredOn(line -> line.contains("warning"))
        .containsExactly(
            ("flink-rnn: warning: " + job + ": flink.execution.checkpointing.intervall: unknown")
                + " Flink option (did you mean execution.checkpointing.interval?)");
  }

  /** Flink and Kafka log the names of jobs, topics and groups, on many threads. */
  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void valuesOfTheEnvironmentAreNeitherPrintedNorLogged(String format) throws Exception {
    Map<String, String> environment =
        Map.of(
            "JOB_NAME", "sentinel-job",
            "IN_TOPIC", "sentinel-in",
            "OUT_TOPIC", "sentinel-out",
            "GROUP", "sentinel-group",
            "FLINK_RNN_LOG_FORMAT", format);
    Launcher.Run run =
        new Launcher(directory, environment)
            .run(
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
    // A warning of Flink that means nothing: the logging configuration drops it.
    assertThat(log).noneMatch(line -> line.contains("pendingCommittables"));
    if (format.equals("json")) {
      expectJobAndModel(log);
    }
  }

  private static void expectJobAndModel(List<String> log) throws IOException {
    Set<String> jobs = new TreeSet<>();
    Set<String> models = new TreeSet<>();
    for (String line : log) {
      JsonNode json = JSON.readTree(line);
      jobs.add(json.get("job").asString());
      models.add(json.get("model").asString());
    }
    RnnModel model = RnnModel.load(Path.of("jobs/name-tagging/model"));
    assertThat(jobs).containsExactly("", "${JOB_NAME}");
    assertThat(models).containsExactly("", model.name() + "@" + model.version());
  }

  /** Otherwise a variable that was exported for another program would start an endless run. */
  @Test
  void brokersOfTheEnvironmentAreReportedBeforeTheRun() throws Exception {
    Launcher launcher = new Launcher(directory, Map.of("KAFKA", "127.0.0.1:1"));
    String job = Path.of("").toAbsolutePath() + "/jobs/name-tagging/job.yaml";
    Launcher.Run run = launcher.run("name-tagging");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stdout()).isEmpty();
    assertThat(run.stderr())
        .containsExactly(
            ("flink-rnn: warning: " + job + ": the job runs on the brokers ${KAFKA},")
                + " from the environment, until you stop it; use --embedded to run the sample,"
                + " --brokers to suppress this warning",
            ("flink-rnn: " + job + ": source.properties.bootstrap.servers: no broker answered at")
                + " ${KAFKA} within 15 s; expected brokers with security.protocol PLAINTEXT");
    assertThat(run.seconds()).isLessThan(30);
    assertThat(Files.readString(directory.resolve("run.log")))
        .contains("nodes = [${KAFKA} (")
        .doesNotContain("127.0.0.1:1");
  }

  @Test
  void anUnknownLogFormatIsOneLine() throws Exception {
    Launcher.Run run =
        new Launcher(directory, Map.of("FLINK_RNN_LOG_FORMAT", "xml")).run("name-tagging");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stderr())
        .containsExactly("flink-rnn: FLINK_RNN_LOG_FORMAT=xml: expected text or json");
  }
}
