package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.JobValidator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The start message for a model whose file fixes its number of steps. */
class ModelLinesTest {
  @TempDir private Path directory;

  private List<String> said(int fixedSteps, List<String> overrides) throws Exception {
    Path file = directory.resolve("job.yaml");
    Files.writeString(
        file,
        """
        name: j
        model: model
        source: {type: file, path: in.jsonl}
        sink: {type: print}
        """);
    JobFile job = JobFileReader.read(file.toString(), overrides, name -> null);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Console console = new Console(new PrintStream(said, true, UTF_8), false);
    ModelLines.say(console, job, new JobValidator.Model("m: lstm", fixedSteps, 0));
    return said.toString(UTF_8).lines().toList();
  }

  @ParameterizedTest
  @CsvSource({"'', this job carries the state", "sequence.window=3, this job has windows of 3"})
  void nameTheOptionThatGivesTheResultsOfTheFramework(String override, String here)
      throws Exception {
    assertThat(said(5, override.isEmpty() ? List.of() : List.of(override)))
        .containsExactly(
            "model    m: lstm",
            "steps    5, fixed by the file: its framework predicts from windows of 5 tokens, but "
                + here
                + "; sequence.window: 5 gives the framework's results");
  }

  @Test
  void areEmptyIfTheJobComputesLikeTheFramework() throws Exception {
    assertThat(said(5, List.of("sequence.window=5"))).containsExactly("model    m: lstm");
    assertThat(said(0, List.of())).containsExactly("model    m: lstm");
  }
}
