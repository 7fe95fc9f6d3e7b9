package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the script of the compose file asks of Flink's client. Here, that prints what it is asked.
 */
class SubmitScriptTest {
  @TempDir private Path directory;

  @BeforeEach
  void writeClient() throws IOException {
    Path client = directory.resolve("flink");
    Files.writeString(
        client,
        """
        #!/usr/bin/env bash
        if [[ $1 == list && -n ${FAILS:-} ]]; then
          echo "no cluster"
          exit 1
        elif [[ $1 == list ]]; then
          echo "26.11.2026 20:39:45 : 827285d8d031ca6864ff8ac5b01f19dc : name-tagging (RESTARTING)"
        else
          printf '%s\\n' "$@"
        fi
        """);
    Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aJobThatRunsOrRecoversIsNotSubmittedAgain() throws Exception {
    assertThat(submit(0, "", "a.jar", "file:///c", "name-tagging", "--job", "job.yaml"))
        .containsExactly("submit.sh: the job 'name-tagging' runs already");
  }

  @Test
  void aJobWithASimilarNameResumesFromTheLatestOfItsOwnDirectory() throws Exception {
    assertThat(submit(0, "", "a.jar", "file:///c", "name-tag", "--job", "my job.yaml"))
        .containsExactly(
            "run",
            "--detached",
            "-D",
            "execution.checkpointing.dir=file:///c/name-tag",
            "a.jar",
            "--job",
            "my job.yaml",
            "--from",
            "latest");
  }

  @Test
  void theEnvironmentNamesAnotherSavepointOrNone() throws Exception {
    String[] words = {"a.jar", "file:///c", "tags", "--job", "job.yaml"};
    assertThat(submit(0, "FLINK_RNN_FROM=/a savepoint", words)).endsWith("--from", "/a savepoint");
    assertThat(submit(0, "FLINK_RNN_FROM=", words)).endsWith("--job", "job.yaml");
  }

  /** Otherwise, a job that cannot be seen would be submitted twice. */
  @Test
  void withoutAnAnswerNothingIsSubmitted() throws Exception {
    assertThat(submit(1, "FAILS=1", "a.jar", "file:///c", "tags", "--job", "job.yaml"))
        .containsExactly("no cluster");
    assertThat(submit(2, "", "a.jar"))
        .containsExactly("submit.sh: expected JAR DIRECTORY NAME --job JOB.yaml");
  }

  /**
   * @param variable a variable of the environment and its value; empty for none
   */
  private List<String> submit(int status, String variable, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "src/deploy/flink/submit.sh"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("FLINK_RNN_FROM");
    builder.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    int equals = variable.indexOf('=');
    if (equals > 0) {
      builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    Process process = builder.start();
    List<String> said = new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).as("%s", said).isEqualTo(status);
    return said;
  }
}
