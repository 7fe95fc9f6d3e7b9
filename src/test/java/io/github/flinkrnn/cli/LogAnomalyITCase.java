package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The example that flags blocks of a log prints what its README says. */
class LogAnomalyITCase {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;
  private Launcher launcher;

  @BeforeEach
  void makeLauncher() {
    launcher = new Launcher(directory);
  }

  @Test
  void printsTheEightEventsOfTheSixFlaggedBlocks() throws Exception {
    Launcher.Run run = launcher.run("log-anomaly");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stderr())
        .anyMatch(line -> line.startsWith("done") && line.contains("8 predictions, 0 rejected"));
    assertThat(run.stdout().stream().map(LogAnomalyITCase::shown))
        .containsExactlyInAnyOrder(
            "blk_04 8 <end> 18",
            "blk_07 19 20 39",
            "blk_09 5 5 13",
            "blk_11 21 <end> 11",
            "blk_13 10 7 34",
            "blk_13 11 26 12",
            "blk_13 12 <end> 13",
            "blk_16 15 27 36");
  }

  private static String shown(String line) {
    JsonNode json = JSON.readTree(line);
    assertThat(json.propertyNames()).containsExactly("key", "t", "token", "surprise", "rank");
    return String.join(
        " ",
        json.get("key").stringValue(),
        json.get("t").toString(),
        json.get("token").stringValue(),
        json.get("rank").toString());
  }

  /** Bounded input, sequences that end in each way, and a file for their ends. */
  @Test
  void endsAreWrittenToTheirOwnFile() throws Exception {
    Path in = directory.resolve("in.jsonl");
    Path out = directory.resolve("out.jsonl");
    Path ends = directory.resolve("ends.jsonl");
    Files.writeString(
        in,
        """
        {"key":"a","token":"22"}
        {"key":"a","token":"5"}
        {"key":"a","token":"<end>","end":true}
        {"key":"a","token":"22"}
        {"key":"a","token":"22","start":true}
        {"key":"a","token":"5"}
        {"key":"a","token":"5"}
        {"key":"a","token":"5"}
        {"key":"a","token":"11"}
        {"key":"a","token":"26"}
        {"key":"a","token":"9"}
        """,
        UTF_8);
    Launcher.Run run =
        launcher.run(
            "log-anomaly",
            "--input=" + in,
            "--output=" + out,
            "--set=ends={type: file, path: " + ends + "}",
            "--set=sequence={max_length: 4, end_token: '11'}",
            "--set=output={fields: [token, rank, surprise], emit: last}");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(Files.readAllLines(ends))
        .containsExactly(
            "{\"key\":\"a\",\"t\":3,\"why\":\"end\"}",
            "{\"key\":\"a\",\"t\":1,\"why\":\"start\"}",
            "{\"key\":\"a\",\"t\":4,\"why\":\"max-length\"}",
            "{\"key\":\"a\",\"t\":1,\"why\":\"end-token\"}",
            "{\"key\":\"a\",\"t\":2,\"why\":\"end-of-input\"}");
    List<JsonNode> last = Files.readAllLines(out).stream().map(JSON::readTree).toList();
    assertThat(last).extracting(each -> each.get("t").intValue()).containsExactly(3, 1, 4, 1, 2);
    assertThat(last)
        .extracting(each -> each.get("token").stringValue())
        .containsExactly("<end>", "22", "5", "11", "9");
    assertThat(last.get(2).get("surprise").doubleValue()).isCloseTo(0.0332, within(0.02));
  }
}
