package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Directories with a model, records as they come from a topic, and what a framework predicts for
 * them: {@code tokens.jsonl}, {@code expected.jsonl}, and the reasons in {@code rejected.jsonl}.
 */
final class RecordCases {
  private final Path cases;

  RecordCases(String directory) {
    cases = Path.of(directory);
  }

  List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(cases)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  Path model(String name) {
    return cases.resolve(name).resolve("model");
  }

  /** What became of one record: a prediction or a reason. */
  record Outcome(Prediction prediction, Reason reason) {}

  /** Runs the records of a case, each as it comes from a topic. */
  static List<Outcome> run(Path model, List<String> lines) throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    ModelLocation location = new ModelLocation(model.toString());
    RnnModel loaded = SharedModel.acquire(location); // the model of the harness, too
    try (RnnHarness harness =
        RnnHarness.open(
            RnnFunction.of(model.toString())
                .withFields(OutputField.LABEL, OutputField.PREDICTION))) {
      TokenDecoder decoder =
          new TokenDecoder(
              TokenReader.fields(loaded, TokenFields.TOP_LEVEL),
              TokenReader.reads(loaded),
              TokenDecoder.DEFAULT_MAX_BYTES);
      for (String line : lines) {
        int emitted = harness.all().size();
        int rejected = harness.rejected().size();
        byte[] json = line.getBytes(StandardCharsets.UTF_8);
        try {
          harness.process(decoder.decode(new SourceRecord(null, json, json.length, null, null)));
        } catch (Rejection e) {
          outcomes.add(new Outcome(null, e.reason()));
          continue;
        }
        List<RejectedRecord> refused = harness.rejected();
        outcomes.add(
            refused.size() > rejected
                ? new Outcome(null, refused.get(rejected).reason())
                : new Outcome(harness.all().get(emitted), null));
      }
    } finally {
      SharedModel.release(location);
    }
    return outcomes;
  }

  /** Compares what comes out with what is expected. */
  void assertAgrees(String name) throws Exception {
    List<Outcome> outcomes = run(model(name), lines(name, "tokens"));
    ArrayDeque<String> expected = new ArrayDeque<>(lines(name, "expected"));
    ArrayDeque<String> rejected = new ArrayDeque<>(lines(name, "rejected"));
    for (Outcome outcome : outcomes) {
      if (outcome.reason() != null) {
        assertThat(outcome.reason().text())
            .isEqualTo(parse(rejected.remove()).path("reason").asString());
      } else {
        assertAgrees(outcome.prediction(), parse(expected.remove()));
      }
    }
    assertThat(expected).isEmpty();
    assertThat(rejected).isEmpty();
  }

  private static void assertAgrees(Prediction found, JsonNode expected) {
    assertThat(found.key()).isEqualTo(expected.path("key").asString());
    assertThat(found.t()).isEqualTo(expected.path("t").asLong());
    if (expected.has("outputs")) {
      assertThat(found.outputs()).hasSize(expected.path("outputs").size());
      for (HeadOutput output : found.outputs()) {
        JsonNode of = expected.path("outputs").path(output.name());
        assertThat(output.label()).isEqualTo(of.path("label").asString(null));
        assertClose(output.prediction(), of.path("prediction"));
      }
    } else {
      assertThat(found.outputs()).isNull();
      assertClose(found.prediction(), expected.path("prediction"));
    }
  }

  private static void assertClose(float[] found, JsonNode expected) {
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.length; i++) {
      double said = expected.get(i).asDouble();
      assertThat((double) found[i]).isCloseTo(said, within(2e-5 * Math.max(1, Math.abs(said))));
    }
  }

  private static JsonNode parse(String line) {
    return ConfigJson.parse("a line", "", line.getBytes(StandardCharsets.UTF_8));
  }

  List<String> lines(String name, String file) throws IOException {
    return Files.readAllLines(cases.resolve(name).resolve(file + ".jsonl"));
  }
}
