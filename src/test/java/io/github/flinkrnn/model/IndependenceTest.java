package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recurrence is a small library of its own: it knows neither Flink nor Kafka. */
class IndependenceTest {
  @ParameterizedTest
  @ValueSource(strings = {"config", "kernel", "layer", "network", "onnxruntime", "files", "model"})
  void namesNoClassOfFlinkOrKafka(String room) throws IOException, URISyntaxException {
    List<Path> classes = classes(room);
    assertThat(classes).isNotEmpty();
    for (Path file : classes) {
      // A class file names every class it uses, in plain text.
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
          .as(file.getFileName().toString())
          .doesNotContain("org/apache/flink", "org/apache/kafka")
          .doesNotContain("flinkrnn/operator", "flinkrnn/job", "flinkrnn/json", "flinkrnn/local");
    }
  }

  private static List<Path> classes(String room) throws IOException, URISyntaxException {
    Path root =
        Path.of(
            Objects.requireNonNull(RnnModel.class.getProtectionDomain().getCodeSource())
                .getLocation()
                .toURI());
    try (Stream<Path> files = Files.walk(root.resolve("io/github/flinkrnn").resolve(room))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }
}
