package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The examples with {@code input.fields}: the job computes what PyTorch computed for the sample.
 */
class ExampleFieldsITCase {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;
  private Launcher launcher;

  @BeforeEach
  void makeLauncher() {
    launcher = new Launcher(directory);
  }

  @ParameterizedTest
  @CsvSource({"card-fraud, missing-field", "sensor-forecast, wrong-length"})
  void agreesWithPyTorch(String example, String reason) throws Exception {
    Path out = directory.resolve("out.jsonl");
    Path rejected = directory.resolve("rejected.jsonl");
    String error = example.equals("sensor-forecast") ? ", error" : "";
    Launcher.Run run =
        launcher.run(
            example,
            "--input=jobs/" + example + "/tokens.jsonl",
            "--output=" + out,
            "--rejected=" + rejected,
            "--set=output={fields: [prediction" + error + "]}");
    assertThat(run.status()).as("%s", run.stderr()).isZero();

    List<String> expected =
        Files.readAllLines(Path.of("src/test/resources", example, "expected.jsonl"));
    List<String> found = Files.readAllLines(out);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertClose(JSON.readTree(found.get(i)), JSON.readTree(expected.get(i)));
    }
    assertThat(Files.readAllLines(rejected))
        .singleElement()
        .satisfies(
            line -> assertThat(JSON.readTree(line).get("reason").stringValue()).isEqualTo(reason));
  }

  private static void assertClose(JsonNode found, JsonNode expected) {
    assertThat(found.propertyNames()).isEqualTo(expected.propertyNames());
    assertThat(found.get("key")).isEqualTo(expected.get("key"));
    assertThat(found.get("t")).isEqualTo(expected.get("t"));
    for (int i = 0; i < expected.get("prediction").size(); i++) {
      assertNumber(found.get("prediction").get(i), expected.get("prediction").get(i));
    }
    if (expected.has("error")) {
      assertNumber(found.get("error"), expected.get("error"));
    }
  }

  private static void assertNumber(JsonNode found, JsonNode expected) {
    double said = expected.doubleValue();
    assertThat(found.doubleValue()).isCloseTo(said, within(2e-5 * Math.max(1, Math.abs(said))));
  }

  /** On its own broker, as the README of the example runs it. */
  @Test
  void theSampleOfPaymentsFlagsFourCards() throws IOException, InterruptedException {
    Launcher.Run run = launcher.run("card-fraud");
    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout().stream().map(line -> JSON.readTree(line).get("key").stringValue()))
        .containsOnly("c08", "c09", "c10", "c11");
    assertThat(run.stderr())
        .anyMatch(line -> line.startsWith("done") && line.contains("11 predictions, 1 rejected"));
  }
}
