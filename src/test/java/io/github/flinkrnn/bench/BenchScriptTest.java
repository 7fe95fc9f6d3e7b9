package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.ScriptClone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When {@code jobs/bench.sh} builds, which arguments it passes on, and which it rejects before
 * either.
 */
class BenchScriptTest {
  @TempDir private Path clone;
  private ScriptClone scripts;
  private final Map<String, String> environment = new HashMap<>(Map.of("FLINK_RNN_NO_VECTOR", ""));

  @BeforeEach
  void makeACloneWithFakeMavenAndJava() throws IOException {
    scripts = new ScriptClone(clone, "bench.sh", "target");
    for (String sources : List.of("src/main", "src/test/java", "src/jmh")) {
      Files.createDirectories(clone.resolve(sources));
    }
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    assertThat(run("steps")).isZero();
    assertThat(scripts.lines("stderr")).hasSize(2).last().isEqualTo("built");

    assertThat(run("steps")).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
  }

  @Test
  void aBenchmarkNewerThanTheClassPathIsBuilt() throws Exception {
    assertThat(run("steps")).isZero();
    Path source = Files.writeString(clone.resolve("src/jmh/A.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(run("steps")).isZero();
    assertThat(scripts.lines("stderr")).contains("built");
  }

  @Test
  void javaGetsTheVectorModuleAndTheCommand() throws Exception {
    assertThat(run("operator", "--quick", "--json", "a b.json")).isZero();

    assertThat(scripts.lines("stdout"))
        .contains("--add-modules=jdk.incubator.vector")
        .endsWith("io.github.flinkrnn.bench.Bench", "operator", "--quick", "--json", "a b.json");
    assertThat(scripts.lines("target/bench.options"))
        .singleElement()
        .asString()
        .startsWith("-cp \"")
        .endsWith("/target/test-classes:" + target() + "/classes:a.jar:b.jar\"");
  }

  @Test
  void theVectorModuleCanBeLeftOut() throws Exception {
    environment.put("FLINK_RNN_NO_VECTOR", "1");

    assertThat(run("steps")).isZero();
    assertThat(scripts.lines("stdout")).noneMatch(option -> option.contains("vector"));
  }

  private String target() throws IOException {
    return clone.toRealPath().resolve("target").toString();
  }

  @Test
  void jmhGetsItsOwnArguments() throws Exception {
    assertThat(run("jmh", "Serializer", "-f", "1")).isZero();

    assertThat(scripts.lines("stdout")).endsWith("org.openjdk.jmh.Main", "Serializer", "-f", "1");
  }

  @Test
  void anUnknownCommandIsOneLineAndStartsNothing() throws Exception {
    assertThat(run("stepps")).isEqualTo(2);

    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr"))
        .containsExactly(
            "flink-rnn: stepps: expected one of steps, operator, kafka, picture, footprint, checkpoints, jmh");
  }

  @Test
  void aMissingCommandIsOneLineToo() throws Exception {
    assertThat(run()).isEqualTo(2);

    assertThat(scripts.lines("stderr"))
        .containsExactly(
            "flink-rnn: no benchmark: expected one of steps, operator, kafka, picture, footprint, checkpoints, jmh");
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    scripts.write("bin/mvn", "exit 1");

    assertThat(run("steps")).isEqualTo(1);
    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr")).last().asString().contains("failed");
  }

  private int run(String... words) throws IOException, InterruptedException {
    return scripts.run(environment, words);
  }
}
