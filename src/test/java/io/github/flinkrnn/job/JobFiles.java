package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;

/** Job files in the directory of a test, read with the environment of the test. */
final class JobFiles {
  /** The minimal job file. */
  static final String MINIMAL =
      """
      name: tagging
      model: model
      source: {type: file, path: in.jsonl}
      sink: {type: print}
      """;

  private final Path directory;
  private final UnaryOperator<String> environment;

  JobFiles(Path directory, Map<String, String> environment) {
    this(directory, environment::get);
  }

  private JobFiles(Path directory, UnaryOperator<String> environment) {
    this.directory = directory;
    this.environment = environment;
  }

  JobFiles(Path directory) {
    this(directory, Map.of());
  }

  /** The documented job file. */
  static String nameTagging() {
    try (InputStream in = JobFiles.class.getResourceAsStream("name-tagging.yaml")) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String path() {
    return directory.resolve("job.yaml").toString();
  }

  JobFile read(String yaml, String... overrides) {
    return read(yaml.getBytes(UTF_8), overrides);
  }

  JobFile read(byte[] yaml, String... overrides) {
    return read(yaml, Replaced.NOTHING, overrides);
  }

  JobFile read(String yaml, Replaced replaced, String... overrides) {
    return read(yaml.getBytes(UTF_8), replaced, overrides);
  }

  JobFile read(String yaml, UnaryOperator<String> variables) {
    return new JobFiles(directory, variables).read(yaml);
  }

  private JobFile read(byte[] yaml, Replaced replaced, String... overrides) {
    try {
      Files.write(directory.resolve("job.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return JobFileReader.read(path(), List.of(overrides), environment, replaced);
  }

  /** The error for an invalid job file, without the file name. */
  String mistake(String yaml, String... overrides) {
    return mistake(yaml.getBytes(UTF_8), overrides);
  }

  String mistake(byte[] yaml, String... overrides) {
    InvalidFileException mistake =
        Assertions.catchThrowableOfType(InvalidFileException.class, () -> read(yaml, overrides));
    Assertions.assertThat(mistake).isNotNull();
    Assertions.assertThat(mistake.getMessage()).startsWith(path() + ": ").doesNotContain("\n");
    return mistake.getMessage().substring(path().length() + 2);
  }
}
