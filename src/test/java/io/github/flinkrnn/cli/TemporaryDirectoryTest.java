package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Only the user of a run can read and write the files that it keeps on disk. */
class TemporaryDirectoryTest {
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void isAccessibleOnlyToItsUser() throws Exception {
    Path below = new TemporaryDirectory().resolve("web");

    assertThat(below).isDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(below.getParent())))
        .isEqualTo("rwx------");
  }
}
