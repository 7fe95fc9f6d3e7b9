package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jobs/run.sh} in a read-only checkout, which is mounted separately. */
class ReadOnlyCheckoutITCase {
  private static final String MOUNT =
      "unshare --mount --map-root-user bash -c 'mount --bind . . && mount -o remount,bind,ro ."
          + " && cd \"$PWD\" && ! touch target/touched 2>/dev/null && ";

  @TempDir private Path directory;

  @Test
  void aBuiltCheckoutRuns() throws Exception {
    Launcher launcher = new Launcher(directory);
    assumeTrue(launcher.shell(MOUNT + "true'").status() == 0, "no mounts here");
    Launcher.Run run =
        launcher.shell(
            MOUNT
                + "jobs/run.sh name-tagging --input jobs/name-tagging/tokens.jsonl"
                + " --output /dev/null'");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(directory.resolve("run.log")).isNotEmptyFile();
    assertThat(run.stderr()).noneMatch(line -> line.contains("Read-only"));
  }
}
