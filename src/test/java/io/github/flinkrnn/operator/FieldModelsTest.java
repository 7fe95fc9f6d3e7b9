package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models with {@code input.fields} and {@code outputs} against PyTorch, from records to predictions
 * and rejections. {@code src/test/python/fields_model_cases.py} wrote the cases.
 */
class FieldModelsTest {
  private static final RecordCases CASES = new RecordCases("src/test/resources/pytorch-fields");

  @TempDir private Path directory;

  static List<String> names() throws IOException {
    return CASES.names();
  }

  @Test
  void thereAreCases() throws IOException {
    assertThat(names())
        .containsExactly("everything", "field-heads", "fraud", "one-hot", "word-heads");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAtEveryStep(String name) throws Exception {
    CASES.assertAgrees(name);
  }

  /** The bits do not depend on how much memory the tables may take. */
  @ParameterizedTest
  @MethodSource("names")
  void theTablesDoNotChangeTheBits(String name) throws Exception {
    List<String> lines = CASES.lines(name, "tokens");
    List<RecordCases.Outcome> without = RecordCases.run(withTables(name, 0), lines);
    assertThat(RecordCases.run(withTables(name, 64), lines)).isEqualTo(without);
  }

  private Path withTables(String name, int megabytes) throws IOException {
    Path copy = Files.createDirectories(directory.resolve(name + megabytes));
    try (Stream<Path> files = Files.list(CASES.model(name))) {
      files.forEach(
          file -> {
            try {
              Files.copy(
                  file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    Path config = copy.resolve("config.json");
    String json = Files.readString(config).replaceFirst("\"table_mb\": 0,", "");
    assertThat(json).contains("\"input\": {");
    Files.writeString(
        config,
        json.replaceFirst("\"input\": \\{", "\"input\": {\"table_mb\": " + megabytes + ","));
    return copy;
  }
}
