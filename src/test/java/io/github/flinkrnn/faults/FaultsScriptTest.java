package io.github.flinkrnn.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code jobs/faults.sh} builds, and what it passes on. */
class FaultsScriptTest {
  @TempDir private Path clone;

  @BeforeEach
  void makeACloneWhoseMavenAndJavaOnlySayThatTheyRan() throws IOException {
    Files.createDirectories(clone.resolve("jobs"));
    Files.copy(Path.of("jobs/faults.sh"), clone.resolve("jobs/faults.sh"));
    Files.writeString(clone.resolve("pom.xml"), "");
    Files.createDirectories(clone.resolve("src"));
    script(
        "bin/mvn",
        "echo built; mkdir -p target/cluster/zookeeper;"
            + " for a in \"$@\"; do case $a in"
            + " -Dmdep.outputFile=*) printf a.jar:b.jar >\"${a#*=}\" ;; esac; done");
    script("bin/java", "for a in \"$@\"; do echo \"$a\"; done");
  }

  private void script(String name, String line) throws IOException {
    Path script = clone.resolve(name);
    Files.createDirectories(script.getParent());
    Files.writeString(script, "#!/bin/sh\n" + line + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    assertThat(run("old.jar")).isZero();
    assertThat(lines("stderr")).hasSize(2).last().isEqualTo("built");

    assertThat(run("old.jar")).isZero();
    assertThat(lines("stderr")).isEmpty();
  }

  @Test
  void javaGetsTheClassPathTheOlderJarAndTheCommand() throws Exception {
    assertThat(run("old.jar", "--faults", "3", "--json", "a b.json")).isZero();

    assertThat(lines("stdout"))
        .contains("-Dflink-rnn.other-jar=old.jar")
        .endsWith("io.github.flinkrnn.faults.Faults", "--faults", "3", "--json", "a b.json");
    assertThat(lines("target/faults.options"))
        .singleElement()
        .asString()
        .startsWith("-cp \"")
        .endsWith("/target/classes:a.jar:b.jar\"");
  }

  @Test
  void aCloneWithoutAHistoryHasNoOlderJar() throws Exception {
    assertThat(run(null)).isZero();

    assertThat(lines("stdout")).contains("-Dflink-rnn.other-jar=");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    script("bin/mvn", "exit 1");

    assertThat(run("")).isEqualTo(1);
    assertThat(lines("stdout")).isEmpty();
    assertThat(lines("stderr")).last().asString().contains("failed");
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(clone.resolve(file));
  }

  private int run(String olderJar, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add(clone.resolve("jobs/faults.sh").toString());
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(clone.resolve("stdout").toFile())
            .redirectError(clone.resolve("stderr").toFile());
    builder.environment().put("PATH", clone.resolve("bin") + ":" + System.getenv("PATH"));
    builder.environment().put("JAVA_HOME", clone.toString());
    // The clone is nobody's repository, wherever the temporary directory is.
    builder.environment().put("GIT_CEILING_DIRECTORIES", clone.getParent().toString());
    builder.environment().remove("GIT_DIR");
    builder.environment().remove("FLINK_RNN_OLDER_JAR");
    if (olderJar != null) {
      builder.environment().put("FLINK_RNN_OLDER_JAR", olderJar);
    }
    return builder.start().waitFor();
  }
}
