package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The operator's predictions of bidirectional models are those of their framework for the whole
 * sequence, and those of a reference in Python for a bounded look ahead.
 */
class LookAheadGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/look-ahead");
  private static final JsonMapper JSON = new JsonMapper();

  static List<String> cases() throws Exception {
    try (Stream<Path> all = Files.list(CASES)) {
      return all.filter(path -> Files.exists(path.resolve("tokens.jsonl")))
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void thePredictionsAreThoseOfTheReference(String name) throws Exception {
    Path directory = CASES.resolve(name);
    int compared = 0;
    for (String look : List.of("0", "1", "3", "10", "end")) {
      Path expected = directory.resolve("expected-" + look + ".jsonl");
      if (Files.exists(expected)) {
        compare(directory, look, expected);
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  private static void compare(Path directory, String look, Path file) throws Exception {
    int tokens = look.equals("end") ? LookAhead.END : Integer.parseInt(look);
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(directory.resolve("model").toString())
            .with(SequenceOptions.DEFAULT.withMaxLength(1000).withLookAhead(tokens));
    List<Prediction> one = run(function.with(new BatchOptions(1, Duration.ofMillis(2))), directory);
    assertThat(run(function.with(new BatchOptions(3, Duration.ofMillis(2))), directory))
        .isEqualTo(one);
    Map<String, List<JsonNode>> expected =
        Files.readAllLines(file).stream()
            .map(JSON::readTree)
            .collect(Collectors.groupingBy(line -> line.path("key").asString()));
    Map<String, List<Prediction>> actual =
        one.stream().collect(Collectors.groupingBy(Prediction::key));
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    for (String key : expected.keySet()) {
      assertThat(actual.get(key))
          .as("%s, look ahead %s", key, look)
          .hasSameSizeAs(expected.get(key));
      for (int i = 0; i < actual.get(key).size(); i++) {
        assertAgrees(actual.get(key).get(i), expected.get(key).get(i), look);
      }
    }
  }

  private static List<Prediction> run(
      RnnFunction<String, Token, Prediction> function, Path directory) throws Exception {
    List<Prediction> all;
    try (RnnModel model = RnnModel.load(directory.resolve("model"));
        RnnHarness harness = RnnHarness.open(function)) {
      TokenDecoder decoder =
          new TokenDecoder(
              TokenReader.fields(model, TokenFields.TOP_LEVEL),
              TokenReader.reads(model),
              TokenDecoder.DEFAULT_MAX_BYTES);
      for (String line : Files.readAllLines(directory.resolve("tokens.jsonl"))) {
        byte[] json = line.getBytes(StandardCharsets.UTF_8);
        harness.arrive(decoder.decode(new SourceRecord(null, json, json.length, 5L, null)));
      }
      harness.idle();
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.entries()).as("state entries").isZero();
      assertThat(harness.timers() + harness.eventTimers()).as("timers").isZero();
      all = new ArrayList<>(harness.all());
    }
    return all;
  }

  private static void assertAgrees(Prediction actual, JsonNode expected, String look) {
    String what = actual.key() + " t=" + actual.t() + ", look ahead " + look;
    assertThat(actual.t()).as(what).isEqualTo(expected.path("t").asLong());
    if (actual.outputs() == null) {
      assertClose(actual.prediction(), expected.path("prediction"), what);
      return;
    }
    for (HeadOutput head : actual.outputs()) {
      JsonNode of = expected.path("outputs").path(head.name());
      assertClose(head.prediction(), of.path("prediction"), what + " " + head.name());
    }
  }

  private static void assertClose(float[] actual, JsonNode expected, String what) {
    assertThat(actual).as(what).hasSize(expected.size());
    for (int i = 0; i < actual.length; i++) {
      float said = (float) expected.get(i).asDouble();
      float most = GoldenCase.TOLERANCE * Math.max(1, Math.abs(said));
      assertThat(actual[i]).as(what).isCloseTo(said, Offset.offset(most));
    }
  }
}
