package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user got wrong is one line, before anything starts. */
class LauncherRefusalsITCase {
  @TempDir private Path directory;
  private Launcher launcher;

  @BeforeEach
  void makeLauncher() {
    launcher = new Launcher(directory);
  }

  @Test
  void anUnreachableBrokerIsOneLine() throws Exception {
    Launcher.Run run =
        launcher.run("name-tagging", "--set", "source.properties.bootstrap.servers=127.0.0.1:1");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stdout()).isEmpty();
    String job = Path.of("").toAbsolutePath() + "/jobs/name-tagging/job.yaml";
    assertThat(run.stderr())
        .containsExactly(
            "flink-rnn: warning: "
                + job
                + ": the job runs on the brokers 127.0.0.1:1 and localhost:9092 until you stop it;"
                + " use --embedded to run the sample, --brokers to suppress this warning",
            "flink-rnn: "
                + job
                + ": source.properties.bootstrap.servers: no broker answered at 127.0.0.1:1 within"
                + " 15 s");
    assertThat(run.seconds()).isLessThan(30);
  }

  @Test
  void whatTheUserGotWrongIsOneLineAndNothingStarts() throws Exception {
    assertThat(refusal("name-taging"))
        .contains("name-taging")
        .contains("did you mean name-tagging?");
    assertThat(refusal("name-tagging", "--set", "sink.tpic=x"))
        .contains("job.yaml: sink.tpic: unknown field (did you mean topic?)");
    assertThat(refusal("name-tagging", "--model", "nowhere"))
        .contains("nowhere: expected one of model.safetensors, ");
    assertThat(refusal("name-tagging", "--set", "sink.topic=tokens"))
        .contains("job.yaml: sink: expected another file or topic, found that of source");
    assertThat(refusal("name-tagging", "--imput", "x")).contains("--imput").contains("--input");
    assertThat(refusal("name-tagging", "--input", "nowhere.jsonl"))
        .contains("nowhere.jsonl: missing: expected a file of tokens");
    assertThat(refusal("name-tagging", "--submit", "localhost")).contains("http://localhost:8081");
    assertThat(refusal("name-tagging", "--submit", "http://127.0.0.1:1"))
        .contains("--submit http://127.0.0.1:1: no Flink cluster answered");
    assertThat(refusal("name-tagging", "--stop", "localhost")).contains("http://localhost:8081");
    assertThat(refusal("name-tagging", "--stop", "http://127.0.0.1:1"))
        .contains("--stop http://127.0.0.1:1: no Flink cluster answered");
    assertThat(refusal("name-tagging", "--stop", "http://a", "--submit", "http://a"))
        .contains("--stop and --submit: expected only one of them");
    assertThat(refusal("name-tagging", "--from", "a"))
        .contains("--from: expected only with --submit");
    assertThat(refusal("name-tagging", "--savepoints", "a"))
        .contains("--savepoints: expected only with --stop");
    assertThat(refusal("name-tagging", "--input", "a", "--brokers"))
        .contains("--input and --brokers: expected only one of them");
    assertThat(refusal("name-tagging", "--feed", "--brokers"))
        .contains("--feed and --brokers: expected only one of them");
    assertThat(refusal("name-tagging", "--output", "a")).contains("expected only with --input");
    assertThat(refusal("name-tagging", "--input", ""))
        .contains("--input: missing: expected a value");
    assertThat(refusal("name-tagging", "--set", "flink.execution.runtime-mode=BATCH"))
        .contains("job.yaml: flink.execution.runtime-mode: expected STREAMING");
    assertThat(refusal("name-tagging", "--input", directory.toString()))
        .contains("found a directory");
  }

  @Test
  void aFileIsNotOverwrittenWhileItIsRead() throws Exception {
    Path in = directory.resolve("with spaces é.jsonl");
    String line = "{\"key\":\"a\",\"token\":\"b\"}\n";
    Files.writeString(in, line);
    assertThat(refusal("name-tagging", "--input", in + "", "--output", in + ""))
        .contains("sink: expected another file or topic, found that of source");
    assertThat(in).hasContent(line);

    Launcher.Run run = launcher.run("name-tagging", "--input", in + "", "--output", "/dev/null");
    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(launcher.run("name-tagging", "--input", in + "").stdout()).hasSize(1);
    assertThat(refusal()).contains("jobs/run.sh name-tagging");
  }

  private String refusal(String... arguments) throws IOException, InterruptedException {
    Launcher.Run run = launcher.run(arguments);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stdout()).isEmpty();
    assertThat(run.stderr()).filteredOn(line -> !line.startsWith("model ")).hasSize(1);
    return run.stderr().get(run.stderr().size() - 1);
  }
}
