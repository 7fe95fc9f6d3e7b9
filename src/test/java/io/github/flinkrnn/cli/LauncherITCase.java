package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the commands of a user print on stdout (records) and on stderr (everything else), and their
 * exit status.
 */
class LauncherITCase {
  private static final Path EXAMPLE = Path.of("jobs/name-tagging");
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;
  private Launcher launcher;

  @BeforeEach
  void makeLauncher() {
    launcher = new Launcher(directory);
  }

  @Test
  void theMainJobTagsItsSampleFromBrokerToBroker() throws Exception {
    Launcher.Run run = launcher.run("name-tagging");

    assertThat(run.stderr()).noneMatch(line -> line.startsWith("\tat ")).anyMatch(isDone(53, 0));
    assertThat(run.status()).isZero();
    assertThat(run.stdout()).isEqualTo(reference(EXAMPLE.resolve("tokens.jsonl")));
  }

  /** The broker of an embedded run has no topics of its own that could match. */
  @Test
  void aJobWithAPatternOfTopicsTagsItsSampleToo() throws Exception {
    Path sample = directory.resolve("tokens.jsonl");
    Files.write(sample, Files.readAllLines(EXAMPLE.resolve("tokens.jsonl")).subList(0, 9));
    Files.writeString(
        directory.resolve("job.yaml"),
        Files.readString(EXAMPLE.resolve("job.yaml"))
            .replace("topic: tokens", "topic_pattern: 'tokens-[0-9]+'")
            .replace("model: model", "model: " + EXAMPLE.resolve("model").toAbsolutePath()));

    Launcher.Run run = launcher.run(directory.toString(), "--embedded");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).isEqualTo(reference(sample));
  }

  @Test
  void theReadmeShowsWhatItPrints() throws Exception {
    List<String> lines = reference(EXAMPLE.resolve("tokens.jsonl"));
    List<String> shown =
        Files.readAllLines(Path.of("README.md")).stream()
            .filter(line -> line.startsWith("{\"key\":\"letter\""))
            .toList();
    assertThat(shown).hasSize(3);
    assertThat(lines).containsSubsequence(shown);
  }

  @Test
  void bothTeddiesGetTheSameLabel() throws Exception {
    List<String> lines = reference(EXAMPLE.resolve("tokens.jsonl"));
    JsonNode roosevelt = JSON.readTree(lines.get(0));
    JsonNode bears = JSON.readTree(lines.get(1));

    assertThat(roosevelt.get("token")).isEqualTo(bears.get("token"));
    assertThat(roosevelt.get("key")).isNotEqualTo(bears.get("key"));
    assertThat(roosevelt.get("prediction")).isEqualTo(bears.get("prediction"));
  }

  @Test
  void aGoldenCaseGoesFromFileToFile() throws Exception {
    Path golden = Path.of("src/test/resources/golden/lstm-projected");
    Path out = directory.resolve("out.jsonl");
    Launcher.Run run =
        launcher.run(
            "name-tagging",
            ("--model=" + golden.resolve("model")),
            "--set",
            "output.fields=[prediction, hidden]",
            "--input",
            golden.resolve("tokens.jsonl").toString(),
            "--output",
            out.toString());

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).isEmpty();
    List<String> expected = Files.readAllLines(golden.resolve("expected.jsonl"));
    List<String> found = Files.readAllLines(out);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertSame(JSON.readTree(found.get(i)), JSON.readTree(expected.get(i)));
    }
  }

  private static void assertSame(JsonNode found, JsonNode expected) {
    assertThat(found.get("key")).isEqualTo(expected.get("key"));
    assertThat(found.get("t")).isEqualTo(expected.get("t"));
    for (String field : List.of("prediction", "hidden")) {
      assertThat(found.get(field).size()).isEqualTo(expected.get(field).size());
      for (int i = 0; i < expected.get(field).size(); i++) {
        double value = expected.get(field).get(i).doubleValue();
        assertThat(found.get(field).get(i).doubleValue()).isCloseTo(value, within(2e-5));
      }
    }
  }

  @Test
  void describesAndVerifiesAModelOnStandardOutput() throws Exception {
    String golden = "src/test/resources/golden/lstm";
    Launcher.Run described = launcher.run("describe", golden + "/model");
    assertThat(described.status()).isZero();
    assertThat(described.stdout()).contains("cells          lstm, 6 to 16");
    // With the vector module, as in these tests, and without the JVM's warning about it.
    assertThat(described.stdout()).anyMatch(line -> line.endsWith(Kernel.best().name()));
    assertThat(described.stderr()).isEmpty();
    String[] verify = {
      "verify",
      golden + "/model",
      "--input=" + golden + "/tokens.jsonl",
      "--expected=" + golden + "/expected.jsonl",
      "--tolerance=2e-5"
    };
    Launcher.Run verified = launcher.run(verify);
    assertThat(verified.status()).as("%s", verified.stderr()).isZero();
    assertThat(verified.stdout()).contains("agrees   within 2.0E-5");
    verify[4] = "--tolerance=1e-9";
    Launcher.Run differing = launcher.run(verify);
    assertThat(differing.status()).isEqualTo(1);
    assertThat(differing.stderr())
        .containsExactly("flink-rnn: the model differs by more than 1.0E-9");
  }

  @Test
  void standardInputGoesToStandardOutputAndBadRecordsElsewhere() throws Exception {
    Path in = directory.resolve("in.jsonl");
    Path rejected = directory.resolve("rejected.jsonl");
    Files.writeString(
        in,
        """
        {"key":"a","token":"Mr."}
        not json
        {"key":"a","token":"Watson"}

        {"key":"b","token":["list"]}
        {"key":7,"token":"said"}""",
        UTF_8);
    Launcher.Run run =
        launcher.run(
            in, "name-tagging", "--input", "-", "--output", "-", "--rejected", rejected + "");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(3).isEqualTo(reference(in));
    assertThat(Files.readAllLines(rejected))
        .extracting(line -> JSON.readTree(line).get("reason").stringValue())
        .containsExactly("not-json", "empty", "wrong-type");
    assertThat(Files.readAllLines(rejected))
        .extracting(line -> JSON.readTree(line).get("offset").intValue())
        .containsExactly(1, 3, 4);
  }

  @Test
  void withoutDeadLettersRejectedRecordsGoToStandardError() throws Exception {
    Path in = directory.resolve("in.jsonl");
    Files.writeString(in, "[]\n");
    Launcher.Run run = launcher.run("name-tagging", "--input", in.toString());

    assertThat(run.status()).isZero();
    assertThat(run.stdout()).isEmpty();
    assertThat(run.stderr()).anyMatch(line -> line.startsWith("{\"reason\":\"wrong-type\""));
  }

  @Test
  void aClosedPipeEndsTheRunWithAReason() throws Exception {
    Path in = directory.resolve("in.jsonl");
    Files.writeString(in, "{\"key\":\"a\",\"token\":\"b\"}\n".repeat(50_000));
    Launcher.Run run =
        launcher.shell("jobs/run.sh name-tagging --input " + in + " --output - | head -n 1");

    assertThat(run.stdout()).hasSize(1);
    assertThat(run.stderr().get(run.stderr().size() - 1)).contains("IOException: Broken pipe");
    assertThat(run.status()).isEqualTo(1);
  }

  /**
   * The source has one subtask and the job two. The records of a key must still go to the same
   * subtask.
   */
  @Test
  void standardInputKeepsTheOrderOfAKeyAtAnyParallelism() throws Exception {
    Path in = directory.resolve("in.jsonl");
    StringBuilder tokens = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      String key = "k" + i % 7;
      tokens.append("{\"key\":\"" + key + "\",\"token\":\"b\",\"seq\":" + (i / 7 + 1) + "}\n");
    }
    Files.writeString(in, tokens);
    Launcher.Run run =
        launcher.run(
            in,
            "name-tagging",
            "--input=-",
            "--output=-",
            "--set=flink.parallelism.default=2",
            "--set=output.fields=[seq]");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).hasSize(20_000).allMatch(LauncherITCase::isInOrder);
    assertThat(run.stderr()).anyMatch(isDone(20_000, 0));
  }

  private static boolean isInOrder(String prediction) {
    JsonNode json = JSON.readTree(prediction);
    return json.get("t").equals(json.get("seq"));
  }

  @Test
  void anEmptyOrClosedStandardInputIsNoTokens() throws Exception {
    for (String line : new String[] {"</dev/null", "<&-"}) {
      Launcher.Run run = launcher.shell("jobs/run.sh name-tagging --input - --output - " + line);
      assertThat(run.status()).as("%s", run.stderr()).isZero();
      assertThat(run.stdout()).isEmpty();
      assertThat(run.stderr()).anyMatch(isDone(0, 0));
    }
  }

  @Test
  void aLinkAnotherLocaleAndAnotherDirectoryWork() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path link = Files.createSymbolicLink(directory.resolve("run"), here.resolve("jobs/run.sh"));
    Path in = Files.writeString(directory.resolve("é.jsonl"), "{\"key\":\"ü\",\"token\":\"b\"}\n");
    Launcher.Run run =
        launcher.shell("cd / && LC_ALL=C " + link + " name-tagging --input " + in + " --output -");
    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).isEqualTo(reference(in));
  }

  /**
   * The job jar exists, so the cluster is asked. {@link CommandMistakesTest} has other mistakes.
   */
  @Test
  void aClusterThatDoesNotAnswerIsOneLine() throws Exception {
    Launcher.Run run = launcher.run("name-tagging", "--submit", "http://127.0.0.1:1");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stderr()).hasSize(1);
    assertThat(run.stderr().get(0))
        .startsWith("flink-rnn: --submit http://127.0.0.1:1: no Flink cluster answered");
  }

  private static Predicate<String> isDone(int predictions, int rejected) {
    String counts = predictions + " predictions, " + rejected + " rejected";
    return line -> line.startsWith("done") && line.contains(counts);
  }

  private static List<String> reference(Path tokens) throws IOException {
    SequentialReference reference =
        new SequentialReference(RnnModel.load(EXAMPLE.resolve("model")));
    for (String line : Files.readAllLines(tokens)) {
      reference.accept(line.getBytes(UTF_8));
    }
    return reference.inOrder();
  }
}
