package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mistake of the user gives one line and exit status 2, before anything starts. */
class CommandMistakesTest {
  private static final String UNSET = "properties: {bootstrap.servers: '${UNSET}'}";

  @TempDir private Path directory;

  @Test
  void aJobOrOptionThatDoesNotExist() {
    assertThat(refusal())
        .isEqualTo("expected one job, as in: jobs/run.sh name-tagging (or --help)");
    assertThat(refusal("name-tagging", "extra"))
        .isEqualTo(
            "expected one job, as in: jobs/run.sh name-tagging (or --help),"
                + " found name-tagging and extra");
    assertThat(refusal("name-taging"))
        .contains("name-taging")
        .contains("did you mean name-tagging?");
    assertThat(refusal("name-tagging", "--imput", "x")).contains("--imput").contains("--input");
    assertThat(refusal("name-tagging", "--set", "sink.tpic=x"))
        .contains("job.yaml: sink.tpic: unknown field (did you mean topic?)");
  }

  @Test
  void aValueThatIsNotPossible() {
    assertThat(refusal("name-tagging", "--model", "nowhere"))
        .contains("nowhere: expected one of model.safetensors, ");
    assertThat(refusal("name-tagging", "--set", "sink.topic=tokens"))
        .contains("job.yaml: sink: expected another file or topic, found that of source");
    assertThat(refusal("name-tagging", "--set", "flink.execution.runtime-mode=BATCH"))
        .contains("job.yaml: flink.execution.runtime-mode: expected STREAMING");
    assertThat(refusal("name-tagging", "--input", ""))
        .contains("--input: missing: expected a value");
    assertThat(refusal("name-tagging", "--input", "nowhere.jsonl"))
        .contains("nowhere.jsonl: missing: expected a file of tokens");
    assertThat(refusal("name-tagging", "--input", directory.toString()))
        .contains("found a directory");
  }

  @Test
  void aFileOfStatementsThatCannotBeRun() throws Exception {
    assertThat(refusal("sql", "nowhere.sql"))
        .isEqualTo("nowhere.sql: expected a file of SQL statements, at most 1 MiB");
    Path file = Files.write(directory.resolve("a.sql"), new byte[] {(byte) 0xff});
    assertThat(refusal("sql", file.toString())).isEqualTo(file + ": expected UTF-8");
    assertThat(refusal("sql", file.toString(), "--embedded"))
        .isEqualTo("--embedded: not expected with sql FILE");
  }

  @Test
  void aClusterThatDoesNotAnswer() {
    assertThat(refusal("name-tagging", "--submit", "localhost")).contains("http://localhost:8081");
    assertThat(refusal("name-tagging", "--stop", "localhost")).contains("http://localhost:8081");
    assertThat(refusal("name-tagging", "--stop", "http://127.0.0.1:1"))
        .contains("--stop http://127.0.0.1:1: no Flink cluster answered");
  }

  @Test
  void aPasswordInAUrlIsNeverShown() {
    assertThat(refusal("name-tagging", "--stop", "http://u:sentinel@127.0.0.1:1/p"))
        .isEqualTo("--stop http://127.0.0.1:1/p: no Flink cluster answered");
    assertThat(refusal("name-tagging", "--stop", "http://u:sentinel@"))
        .startsWith("--stop http://…@: expected the URL of a cluster");
    assertThat(refusal("http://u:sentinel@h")).startsWith("http://…@h: expected a job file");
    assertThat(refusal("name-tagging", "--set", "http://u:sentinel@h"))
        .startsWith("--set http://…@h: expected FIELD=VALUE");
  }

  @Test
  void aParallelismThatIsNotPossible() {
    for (String value : new String[] {"0", "-1", "many", "32769"}) {
      assertThat(refusal("name-tagging", "--submit", "http://a", "--parallelism=" + value))
          .isEqualTo("--parallelism " + value + ": expected an integer from 1 to 32768");
    }
    assertThat(refusal("name-tagging", "--parallelism", "2"))
        .isEqualTo("--parallelism: expected only with --submit");
    assertThat(
            refusal(
                "name-tagging",
                "--submit=http://a",
                "--parallelism=2",
                "--set=flink.parallelism.default=3"))
        .isEqualTo(
            "--parallelism and --set flink.parallelism.default=2: expected only one of them");
  }

  @Test
  void aRedriveThatIsNotPossible() throws Exception {
    assertThat(refusal("name-tagging", "--redrive", "--reason", "not-jsn"))
        .startsWith("--reason not-jsn: unknown reason (did you mean not-json?); expected empty, ");
    assertThat(refusal("name-tagging", "--redrive", "--since", "yesterday"))
        .isEqualTo("--since yesterday: expected an ISO 8601 time, like 2026-11-26T20:00:00Z");
    assertThat(refusal("name-tagging", "--dry-run"))
        .isEqualTo("--dry-run: expected only with --redrive");
    assertThat(refusal("name-tagging", "--redrive", "--feed"))
        .isEqualTo("--redrive and --feed: expected only one of them");
    assertThat(
            refusal("name-tagging", "--redrive", "--set=source.type=file", "--set=source.path=x"))
        .isEqualTo("--redrive: expected a job with source.type: kafka");
    assertThat(refusal("name-tagging", "--redrive", "--set=dead_letters.type=print"))
        .isEqualTo("--redrive: expected a job with dead_letters of type: kafka");
  }

  @Test
  void optionsThatExcludeEachOther() {
    assertThat(refusal("name-tagging", "--stop", "http://a", "--submit", "http://a"))
        .contains("--stop and --submit: expected only one of them");
    assertThat(refusal("name-tagging", "--input", "a", "--brokers"))
        .contains("--input and --brokers: expected only one of them");
    assertThat(refusal("name-tagging", "--take-over", "--input", "a"))
        .contains("--take-over and --input: expected only one of them");
    assertThat(refusal("name-tagging", "--feed", "--brokers"))
        .contains("--feed and --brokers: expected only one of them");
    assertThat(refusal("name-tagging", "--from", "a"))
        .contains("--from: expected only with --submit");
    assertThat(refusal("name-tagging", "--without-savepoint"))
        .contains("--without-savepoint: expected only with --stop");
    assertThat(refusal("name-tagging", "--submit", "http://a", "--from", "latest"))
        .isEqualTo(
            "--from latest: expected the path of a savepoint or checkpoint with --submit; only the"
                + " job's own main, as in flink run, looks for the latest");
    assertThat(refusal("name-tagging", "--savepoints", "a"))
        .contains("--savepoints: expected only with --stop");
    assertThat(refusal("name-tagging", "--output", "a")).contains("expected only with --input");
  }

  @Test
  void anOutputThatIsTheInputIsNotOverwritten() throws Exception {
    Path in = directory.resolve("with spaces é.jsonl");
    String line = "{\"key\":\"a\",\"token\":\"b\"}\n";
    Files.writeString(in, line);

    assertThat(refusal("name-tagging", "--input", in + "", "--output", in + ""))
        .contains("sink: expected another file or topic, found that of source");
    assertThat(in).hasContent(line);
  }

  /** --input and --embedded replace only the brokers. */
  @Test
  void aVariableThatIsNotSet() throws Exception {
    String job = job("sequence: {idle_timeout: '${UNSET}'}\n");
    for (String option : new String[] {"--input=-", "--embedded"}) {
      assertThat(refusal(job, option))
          .isEqualTo(job + ": sequence.idle_timeout: the environment variable UNSET is not set");
    }
  }

  @Test
  void aValueOfTheEnvironmentIsShownAsItsVariable() throws Exception {
    String job = job("");
    assertThat(refusal(job, "--embedded", "--set=sequence.start_token=${WORD}"))
        .isEqualTo(
            job + ": sequence.start_token: expected a word of the vocabulary, found '${WORD}'");
    assertThat(refusal(job, "--embedded", "--set=flink.parallelism.default=${WORD}"))
        .startsWith(job + ": flink: ")
        .contains("'${WORD}'");
  }

  /** A job whose brokers are in an unset variable. */
  private String job(String more) throws Exception {
    Files.copy(Path.of("jobs/name-tagging/tokens.jsonl"), directory.resolve("tokens.jsonl"));
    String text =
        ("name: variables\nmodel: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: tokens, " + UNSET + "}\n")
            + ("sink: {type: kafka, topic: predictions, " + UNSET + "}\n")
            + ("dead_letters: {type: kafka, topic: rejected, " + UNSET + "}\n");
    return Files.writeString(directory.resolve("job.yaml"), text + more).toString();
  }

  /** The error, after any lines about the model. */
  private static String refusal(String... words) {
    CommandRun run = CommandRun.of(Map.of("WORD", "sentinel-word"), words);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stderr()).noneMatch(line -> line.contains("sentinel"));
    assertThat(run.stderr()).filteredOn(line -> !line.startsWith("model ")).hasSize(1);
    String line = run.stderr().get(run.stderr().size() - 1);
    assertThat(line).startsWith("flink-rnn: ");
    return line.substring("flink-rnn: ".length());
  }
}
