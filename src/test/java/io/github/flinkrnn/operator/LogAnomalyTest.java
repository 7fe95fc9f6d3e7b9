package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The model of the example: rank and surprise equal those that the training script wrote. */
class LogAnomalyTest {
  private static final Path EXAMPLE = Path.of("jobs/log-anomaly");
  private static final double TOLERANCE = 2e-5;
  private static final OutputOptions SCORES =
      OutputOptions.DEFAULT.withFields(
          List.of(OutputField.TOKEN, OutputField.RANK, OutputField.SURPRISE));

  private static List<JsonNode> lines(Path file) throws IOException {
    JsonMapper json = new JsonMapper();
    return Files.readAllLines(file).stream().map(json::readTree).toList();
  }

  private static List<Token> sample() throws IOException {
    return lines(EXAMPLE.resolve("tokens.jsonl")).stream()
        .map(
            line -> {
              Token token = Token.of(line.get("key").asString(), line.get("token").asString());
              return line.path("end").asBoolean(false) ? token.last() : token;
            })
        .toList();
  }

  private static List<Prediction> run(OutputOptions output) throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(EXAMPLE.resolve("model").toString()).with(output);
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      for (Token token : sample()) {
        harness.process(token);
      }
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.entries()).as("each block has its end").isZero();
      return List.copyOf(harness.all());
    }
  }

  @Test
  void rankAndSurpriseAreThoseOfThePyTorchModel() throws Exception {
    List<JsonNode> expected = lines(Path.of("src/test/resources/log-anomaly/expected.jsonl"));
    List<Prediction> found = run(SCORES);
    assertThat(found).hasSize(318).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      JsonNode line = expected.get(i);
      Prediction step = found.get(i);
      assertThat(step.key()).isEqualTo(line.get("key").asString());
      assertThat(step.t()).isEqualTo(line.get("t").asLong());
      assertThat(step.token()).isEqualTo(line.get("token").asString());
      if (step.t() == 1) {
        assertThat(line.get("rank").isNull()).isTrue();
        assertThat(step.rank()).isNull();
        assertThat(step.surprise()).isNull();
      } else {
        assertThat(step.rank()).as("%s", line).isEqualTo(line.get("rank").asInt());
        assertThat((double) step.surprise())
            .as("%s", line)
            .isCloseTo(line.get("surprise").asDouble(), within(TOLERANCE));
      }
    }
  }

  /** The table in the README of the example. */
  @Test
  void sixBlocksAreFlaggedByEightEvents() throws Exception {
    List<Prediction> flagged =
        run(SCORES.withEmit(Emit.above(Emit.When.RANK_ABOVE, 9))); // as in its job file
    assertThat(flagged)
        .extracting(each -> each.key() + " " + each.t() + " " + each.token() + " " + each.rank())
        .containsExactlyInAnyOrder(
            "blk_04 8 <end> 18",
            "blk_07 19 20 39",
            "blk_09 5 5 13",
            "blk_11 21 <end> 11",
            "blk_13 10 7 34",
            "blk_13 11 26 12",
            "blk_13 12 <end> 13",
            "blk_16 15 27 36");
    assertThat(run(SCORES.withEmit(Emit.above(Emit.When.RANK_ABOVE, 39)))).isEmpty();
  }
}
