package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavepointPathTest {
  private static final String NEWEST = "; the newest complete checkpoint there is file:";

  @TempDir private Path directory;
  private Path job;

  @BeforeEach
  void checkpoints() throws IOException {
    job = Files.createDirectory(directory.resolve("0123456789abcdef"));
    complete("chk-9");
    complete("chk-10");
    Files.createDirectory(job.resolve("chk-11"));
    Files.createDirectory(job.resolve("chk-x"));
    Files.createDirectory(job.resolve("shared"));
  }

  private void complete(String name) throws IOException {
    Files.createFile(Files.createDirectory(job.resolve(name)).resolve("_metadata"));
  }

  private static String problem(Path path) throws IOException {
    return new SavepointPath(path.toUri().toString()).problem().orElse("");
  }

  @Test
  void aCompleteCheckpointIsOne() throws IOException {
    assertThat(problem(job.resolve("chk-9"))).isEmpty();
    assertThat(problem(job.resolve("chk-9/_metadata"))).isEmpty();
  }

  @Test
  void anIncompleteOneNamesTheNewestCompleteOne() throws IOException {
    String without =
        "expected a complete savepoint or checkpoint, found a directory without _metadata";
    String newest = NEWEST + job.resolve("chk-10");
    assertThat(problem(job.resolve("chk-11"))).isEqualTo(without + newest);
    assertThat(problem(job.resolve("chk-11/_metadata"))).isEqualTo(without + newest);
    assertThat(problem(job)).isEqualTo(without + newest);
    assertThat(problem(job.resolve("chk-12")))
        .isEqualTo("expected a complete savepoint or checkpoint, found none" + newest);
  }

  @Test
  void withoutACompleteOneNoneIsNamed() throws IOException {
    Path other = Files.createDirectories(directory.resolve("fed/chk-1"));
    assertThat(problem(other))
        .isEqualTo(
            "expected a complete savepoint or checkpoint, found a directory without _metadata");
    assertThat(problem(directory.resolve("nowhere/chk-1")))
        .isEqualTo("expected a complete savepoint or checkpoint, found none");
  }
}
