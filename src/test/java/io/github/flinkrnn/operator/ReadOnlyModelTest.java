package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A read-only model directory works, and nothing is ever written to a model directory. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class ReadOnlyModelTest {
  @TempDir private Path directory;

  @Test
  void theModelIsReadAndNothingElse() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.words(directory));
    allow("r--r--r--", "r-xr-xr-x");
    try {
      Map<Path, FileTime> before = files();
      try (RnnHarness harness = RnnHarness.open(recurrence)) {
        assertThat(harness.t(Token.of("k", "cat"))).isEqualTo(1);
        harness.snapshot();
        assertThat(harness.t(Token.of("k", "cat"))).isEqualTo(2);
      }
      // A superuser can write in spite of the permissions, so check that nothing was written.
      assertThat(files()).isEqualTo(before);
    } finally {
      allow("rw-r--r--", "rwxr-xr-x"); // so that it can be deleted
    }
  }

  private void allow(String ofFiles, String ofDirectories) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        Set<PosixFilePermission> permissions =
            PosixFilePermissions.fromString(Files.isDirectory(path) ? ofDirectories : ofFiles);
        Files.setPosixFilePermissions(path, permissions);
      }
    }
  }

  private Map<Path, FileTime> files() throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        times.put(path, Files.getLastModifiedTime(path));
      }
    }
    assertThat(times).hasSizeGreaterThan(2);
    return times;
  }
}
