package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.ScriptClone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code jobs/soak.sh} builds, and which arguments it passes on. */
class SoakScriptTest {
  @TempDir private Path clone;
  private ScriptClone scripts;

  @BeforeEach
  void makeACloneWithFakeMavenAndJava() throws IOException {
    scripts = new ScriptClone(clone, "soak.sh", "target/cluster/zookeeper");
    Files.createDirectories(clone.resolve("src"));
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    assertThat(scripts.run(Map.of())).isZero();
    assertThat(scripts.lines("stderr")).hasSize(2).last().isEqualTo("built");
    assertThat(scripts.lines("stderr"))
        .first()
        .asString()
        .startsWith("building flink-rnn's soak: ");

    assertThat(scripts.run(Map.of())).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
  }

  @Test
  void javaGetsTheClassPathAndTheCommand() throws Exception {
    assertThat(scripts.run(Map.of(), "--tokens", "3", "--json", "a b.json")).isZero();

    assertThat(scripts.lines("stdout"))
        .contains("-Xmx1g")
        .endsWith("io.github.flinkrnn.rig.soak.Soak", "--tokens", "3", "--json", "a b.json");
    assertThat(scripts.lines("target/soak.options"))
        .singleElement()
        .asString()
        .startsWith("-cp \"")
        .endsWith("/target/classes:a.jar:b.jar\"");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    scripts.write("bin/mvn", "exit 1");

    assertThat(scripts.run(Map.of())).isEqualTo(1);
    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr")).last().asString().contains("failed");
  }
}
