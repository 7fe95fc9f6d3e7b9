package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The alarms of an example's statement are those of its job. */
class SqlRecipesITCase {
  private static final JsonMapper JSON = new JsonMapper();

  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(4);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "card-fraud, score.sql, card, fraud, /prediction/0",
    "sensor-forecast, alarms.sql, machine, error, /error"
  })
  void alarmsAreThoseOfTheJob(
      String example, String script, String key, String column, String ofTheJob) throws Exception {
    Path home = Path.of("jobs", example);
    Path out = directory.resolve("out.jsonl");
    CommandRun run =
        CommandRun.of(
            Map.of(),
            home.toString(),
            "--input=" + home.resolve("tokens.jsonl"),
            "--output=" + out,
            "--rejected=" + directory.resolve("rejected.jsonl"));
    assertThat(run.status()).as("%s", run.stderr()).isZero();
    List<String> expected =
        alarms(Files.readAllLines(out).stream(), "/key", ofTheJob).sorted().toList();

    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    new SqlCommand(home.resolve(script).toString(), new PrintStream(rows, true, UTF_8)).run();
    assertThat(alarms(rows.toString(UTF_8).lines(), "/" + key, "/" + column).sorted())
        .hasSizeGreaterThan(2)
        .containsExactlyElementsOf(expected);
  }

  private static Stream<String> alarms(Stream<String> lines, String key, String number) {
    return lines.map(
        line -> {
          JsonNode alarm = JSON.readTree(line);
          assertThat(alarm.at(number).isNumber()).as(line).isTrue();
          return alarm.at(key).asString() + " " + alarm.get("t") + " " + alarm.at(number);
        });
  }
}
