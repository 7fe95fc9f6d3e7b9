package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.flinkrnn.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs of users, in separate Maven projects ({@code src/it}), with the library from this build.
 * An offline build does not build them.
 */
class StrangerITCase {
  private static final Path PROJECTS = Path.of("target/it");

  @TempDir private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    Files.writeString(model.resolve("config.json"), "{\"output\": {\"activation\": \"sigmoid\"}}");
    Files.writeString(
        model.resolve("parameters.json"), "{\"Waa\": [[1]], \"Wax\": [[1]], \"Wya\": [[2]]}");
  }

  @Test
  void aFraudProgramScoresPaymentsOfItsOwnClass() throws Exception {
    assertThat(lines("src/it/fraud/src/main/java/FraudScores.java")).hasSizeLessThan(40);
    assertThat(run("FraudScores", "fraud", "provided"))
        .containsExactly("1 0.5", "1 0.8807559", "2 0.5");
  }

  @Test
  void itsDependenciesHaveNoKafkaAndNothingOfKerasAndOnnx() throws Exception {
    assertThat(artifacts("fraud"))
        .containsExactlyInAnyOrder(
            "ejml-core",
            "ejml-fdense",
            "flink-rnn",
            "jackson-annotations",
            "jackson-core",
            "jackson-databind");
  }

  @Test
  void aProgramWithoutFlinkComputesSteps() throws Exception {
    assertThat(artifacts("step")).contains("flink-rnn").noneMatch(n -> n.startsWith("flink-s"));
    assertThat(run("Steps", "step", "runtime")).containsExactly("0.5", "0.8807559");
  }

  private static List<String> lines(String file) throws IOException {
    return Files.readAllLines(Path.of(file));
  }

  /** The artifacts that a program packages, without their versions. */
  private static List<String> artifacts(String project) throws IOException {
    Path jars = PROJECTS.resolve(project).resolve("target/runtime");
    assumeThat(jars).exists();
    try (Stream<Path> files = Files.list(jars)) {
      return files.map(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", "")).toList();
    }
  }

  private List<String> run(String main, String project, String jars)
      throws IOException, InterruptedException {
    Path target = PROJECTS.resolve(project).resolve("target");
    assumeThat(target).exists();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.flags());
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED"); // like Flink's own scripts
    command.add("-cp");
    command.add(target.resolve("classes") + File.pathSeparator + target.resolve(jars) + "/*");
    command.addAll(List.of(main, model.toString()));
    Path errors = model.resolve("stderr.txt");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    List<String> out = new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return out;
  }
}
