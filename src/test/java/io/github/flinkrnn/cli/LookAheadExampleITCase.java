package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The example that looks two words ahead predicts what the training side computes in Python. */
class LookAheadExampleITCase {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path EXAMPLE = Path.of("jobs/name-tagging");
  private static final Path EXPECTED = Path.of("src/test/resources/look-ahead/name-tagging");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "tokens-look-ahead.jsonl, expected-2.jsonl, 2",
    "tokens-look-ahead.jsonl, expected-end.jsonl, end",
    "tokens.jsonl, teddies-2.jsonl, 2",
  })
  void theJobComputesWhatPythonComputes(String tokens, String expected, String look)
      throws Exception {
    Path out = directory.resolve("out.jsonl");
    CommandRun run =
        CommandRun.of(
            Map.of(),
            EXAMPLE.resolve("look-ahead.yaml").toString(),
            "--input=" + EXAMPLE.resolve(tokens),
            "--output=" + out,
            "--set=sequence.look_ahead=" + look,
            "--set=sequence.max_length=100");
    assertThat(run.status()).as("%s", run.stderr()).isZero();
    List<String> found = Files.readAllLines(out);
    List<String> said = Files.readAllLines(EXPECTED.resolve(expected));
    assertThat(found).hasSameSizeAs(said);
    for (int i = 0; i < found.size(); i++) {
      JsonNode ours = JSON.readTree(found.get(i));
      JsonNode theirs = JSON.readTree(said.get(i));
      for (String name : List.of("key", "t", "token", "label")) {
        assertThat(ours.get(name)).as("%s", theirs).isEqualTo(theirs.get(name));
      }
      for (int k = 0; k < 2; k++) {
        assertThat(ours.get("prediction").get(k).doubleValue())
            .as("%s", theirs)
            .isCloseTo(theirs.get("prediction").get(k).doubleValue(), within(2e-5));
      }
    }
  }
}
