package io.github.flinkrnn.rig.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.ScriptClone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code jobs/faults.sh} builds, and which arguments it passes on. */
class FaultsScriptTest {
  @TempDir private Path clone;
  private ScriptClone scripts;

  @BeforeEach
  void makeACloneWithFakeMavenAndJava() throws IOException {
    scripts = new ScriptClone(clone, "faults.sh", "target/cluster/zookeeper");
    Files.createDirectories(clone.resolve("src"));
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    assertThat(run("old.jar")).isZero();
    assertThat(scripts.lines("stderr")).hasSize(2).last().isEqualTo("built");

    assertThat(run("old.jar")).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
  }

  @Test
  void javaGetsTheClassPathTheOlderJarAndTheCommand() throws Exception {
    assertThat(run("old.jar", "--faults", "3", "--json", "a b.json")).isZero();

    assertThat(scripts.lines("stdout"))
        .contains("-Dflink-rnn.other-jar=old.jar")
        .endsWith("io.github.flinkrnn.rig.faults.Faults", "--faults", "3", "--json", "a b.json");
    assertThat(scripts.lines("target/faults.options"))
        .singleElement()
        .asString()
        .startsWith("-cp \"")
        .endsWith("/target/classes:a.jar:b.jar\"");
  }

  @Test
  void aCloneWithoutAHistoryHasNoOlderJar() throws Exception {
    assertThat(run(null)).isZero();

    assertThat(scripts.lines("stdout")).contains("-Dflink-rnn.other-jar=");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    scripts.write("bin/mvn", "exit 1");

    assertThat(run("")).isEqualTo(1);
    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr")).last().asString().contains("failed");
  }

  private int run(String olderJar, String... words) throws IOException, InterruptedException {
    return scripts.run(
        Map.of(
            // The clone must not be in a repository, wherever the temporary directory is.
            "GIT_CEILING_DIRECTORIES",
            clone.getParent().toString(),
            "GIT_DIR",
            "",
            "FLINK_RNN_OLDER_JAR",
            olderJar == null ? "" : olderJar),
        words);
  }
}
