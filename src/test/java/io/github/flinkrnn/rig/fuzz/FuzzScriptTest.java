package io.github.flinkrnn.rig.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.ScriptClone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code jobs/fuzz.sh} builds, and which arguments it passes on. */
class FuzzScriptTest {
  @TempDir private Path clone;
  private ScriptClone scripts;

  @BeforeEach
  void makeACloneWithFakeMavenAndJava() throws IOException {
    scripts = new ScriptClone(clone, "fuzz.sh", "target/test-classes");
    Files.createDirectories(clone.resolve("src"));
  }

  @Test
  void theFirstStartBuildsWithoutACluster() throws Exception {
    scripts.write(
        "bin/mvn",
        "echo \"$@\"; mkdir -p target/test-classes; for a in \"$@\"; do case $a in"
            + " -Dmdep.outputFile=*) printf a.jar >\"${a#*=}\" ;; esac; done");
    assertThat(scripts.run(Map.of())).isZero();
    assertThat(scripts.lines("stderr"))
        .hasSize(2)
        .last()
        .asString()
        .contains(" test-compile ")
        .doesNotContain("pre-integration-test");
  }

  @Test
  void theSecondStartDoesNot() throws Exception {
    assertThat(scripts.run(Map.of())).isZero();
    assertThat(scripts.run(Map.of(), "--runs", "3", "--only", "a b")).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
    assertThat(scripts.lines("stdout"))
        .endsWith("io.github.flinkrnn.rig.fuzz.Fuzz", "--runs", "3", "--only", "a b");
  }
}
