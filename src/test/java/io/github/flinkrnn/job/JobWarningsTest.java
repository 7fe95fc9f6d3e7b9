package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each suspicious part of a job file gives one line, and nothing else does. */
class JobWarningsTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @Test
  void aNormalJobHasNone() {
    assertThat(JobValidator.warnings(files.read(JobFiles.MINIMAL))).isEmpty();
    assertThat(JobValidator.warnings(files.read(JobFiles.nameTagging()))).isEmpty();
  }

  @Test
  void eachMisspeltOptionIsALine() {
    String yaml =
        JobFiles.MINIMAL
            + """
            flink:
              parallelism: {defalt: 2}
              execution.checkpointing.interval: 1s
              state.backend.typ: rocksdb
            """;
    assertThat(JobValidator.warnings(files.read(yaml)))
        .containsExactly(
            files.path()
                + ": flink.parallelism.defalt: unknown Flink option (did you mean"
                + " parallelism.default?)",
            files.path()
                + ": flink.state.backend.typ: unknown Flink option (did you mean"
                + " state.backend.type?)");
  }

  /** On a cluster, the warning is printed before any error that stops the job. */
  @Test
  void theJobsOwnMainSaysThem() throws Exception {
    Path file = Files.writeString(directory.resolve("job.yaml"), JobFiles.MINIMAL);
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, UTF_8));
    try {
      String[] words = {"--job", file.toString(), "--set", "flink.state.backend.typ=rocksdb"};
      assertThatThrownBy(() -> RnnJob.main(words)).isInstanceOf(InvalidFileException.class);
    } finally {
      System.setErr(err);
    }
    assertThat(said.toString(UTF_8).lines())
        .hasSize(2)
        .first()
        .isEqualTo(
            "flink-rnn: warning: "
                + file
                + ": flink.state.backend.typ: unknown Flink option (did you mean"
                + " state.backend.type?)");
  }
}
