package io.github.flinkrnn.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When {@code jobs/run.sh} builds: in a clone without a target folder, and after a change; else
 * not.
 */
class LauncherBuildTest {
  @TempDir private Path clone;

  @BeforeEach
  void makeACloneWhoseMavenAndJavaOnlySayThatTheyRan() throws IOException {
    Files.createDirectories(clone.resolve("jobs"));
    Files.copy(Path.of("jobs/run.sh"), clone.resolve("jobs/run.sh"));
    Files.writeString(clone.resolve("pom.xml"), "");
    Files.createDirectories(clone.resolve("src/main"));
    Files.writeString(clone.resolve("src/main/A.java"), "");
    script("bin/mvn", "echo built; mkdir -p target/local; touch target/flink-rnn-1.jar");
    script("bin/java", "echo ran");
  }

  private void script(String name, String line) throws IOException {
    Path script = clone.resolve(name);
    Files.createDirectories(script.getParent());
    Files.writeString(script, "#!/bin/sh\n" + line + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void theFirstStartBuildsAndSaysSoOnStandardError() throws Exception {
    List<String> stdout = run();

    assertThat(stdout).containsExactly("ran");
    assertThat(Files.readAllLines(clone.resolve("stderr")))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("building flink-rnn");
    assertThat(Files.readAllLines(clone.resolve("stderr"))).last().isEqualTo("built");
  }

  @Test
  void theSecondStartDoesNot() throws Exception {
    run();

    assertThat(run()).containsExactly("ran");
    assertThat(Files.readAllLines(clone.resolve("stderr"))).isEmpty();
  }

  @Test
  void aSourceNewerThanTheJarIsBuilt() throws Exception {
    run();
    Path source = clone.resolve("src/main/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(run()).containsExactly("ran");
    assertThat(Files.readAllLines(clone.resolve("stderr"))).contains("built");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    script("bin/mvn", "exit 1");

    assertThat(run()).isEmpty();
    assertThat(Files.readAllLines(clone.resolve("stderr"))).last().asString().contains("failed");
  }

  private List<String> run() throws IOException, InterruptedException {
    Path out = clone.resolve("stdout");
    ProcessBuilder builder =
        new ProcessBuilder("bash", clone.resolve("jobs/run.sh").toString(), "job")
            .redirectOutput(out.toFile())
            .redirectError(clone.resolve("stderr").toFile());
    builder.environment().put("PATH", clone.resolve("bin") + ":" + System.getenv("PATH"));
    builder.environment().put("JAVA_HOME", clone.toString());
    builder.start().waitFor();
    return Files.readAllLines(out);
  }
}
