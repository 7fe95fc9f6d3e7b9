package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code jobs/bench.sh} builds, what it passes on, and what it refuses without either. */
class BenchScriptTest {
  @TempDir private Path clone;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void makeACloneWhoseMavenAndJavaOnlySayThatTheyRan() throws IOException {
    Files.createDirectories(clone.resolve("jobs"));
    Files.copy(Path.of("jobs/bench.sh"), clone.resolve("jobs/bench.sh"));
    Files.writeString(clone.resolve("pom.xml"), "");
    for (String sources : List.of("src/main", "src/test/java", "src/jmh")) {
      Files.createDirectories(clone.resolve(sources));
    }
    script(
        "bin/mvn",
        "echo built; mkdir -p target;"
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
    assertThat(run("steps")).isZero();
    assertThat(lines("stderr")).hasSize(2).last().isEqualTo("built");

    assertThat(run("steps")).isZero();
    assertThat(lines("stderr")).isEmpty();
  }

  @Test
  void aBenchmarkNewerThanTheClassPathIsBuilt() throws Exception {
    assertThat(run("steps")).isZero();
    Path source = Files.writeString(clone.resolve("src/jmh/A.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(run("steps")).isZero();
    assertThat(lines("stderr")).contains("built");
  }

  @Test
  void javaGetsTheVectorModuleAndTheCommand() throws Exception {
    assertThat(run("operator", "--quick", "--json", "a b.json")).isZero();

    assertThat(lines("stdout"))
        .contains("--add-modules=jdk.incubator.vector")
        .endsWith("io.github.flinkrnn.bench.Bench", "operator", "--quick", "--json", "a b.json");
    assertThat(lines("target/bench.options"))
        .singleElement()
        .asString()
        .startsWith("-cp \"")
        .endsWith("/target/test-classes:" + target() + "/classes:a.jar:b.jar\"");
  }

  @Test
  void theVectorModuleCanBeLeftOut() throws Exception {
    environment.put("FLINK_RNN_NO_VECTOR", "1");

    assertThat(run("steps")).isZero();
    assertThat(lines("stdout")).noneMatch(option -> option.contains("vector"));
  }

  private String target() throws IOException {
    return clone.toRealPath().resolve("target").toString();
  }

  @Test
  void jmhGetsItsOwnArguments() throws Exception {
    assertThat(run("jmh", "Serializer", "-f", "1")).isZero();

    assertThat(lines("stdout")).endsWith("org.openjdk.jmh.Main", "Serializer", "-f", "1");
  }

  @Test
  void anotherWordIsOneLineAndStartsNothing() throws Exception {
    assertThat(run("stepps")).isEqualTo(2);

    assertThat(lines("stdout")).isEmpty();
    assertThat(lines("stderr"))
        .containsExactly(
            "flink-rnn: stepps: expected one of steps, operator, kafka, picture, footprint, jmh");
  }

  @Test
  void noWordIsOneLineToo() throws Exception {
    assertThat(run()).isEqualTo(2);

    assertThat(lines("stderr"))
        .containsExactly(
            "flink-rnn: no benchmark: expected one of steps, operator, kafka, picture, footprint, jmh");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    script("bin/mvn", "exit 1");

    assertThat(run("steps")).isEqualTo(1);
    assertThat(lines("stdout")).isEmpty();
    assertThat(lines("stderr")).last().asString().contains("failed");
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(clone.resolve(file));
  }

  private int run(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add(clone.resolve("jobs/bench.sh").toString());
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(clone.resolve("stdout").toFile())
            .redirectError(clone.resolve("stderr").toFile());
    builder.environment().put("PATH", clone.resolve("bin") + ":" + System.getenv("PATH"));
    builder.environment().put("JAVA_HOME", clone.toString());
    builder.environment().remove("FLINK_RNN_NO_VECTOR");
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }
}
