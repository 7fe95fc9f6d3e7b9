package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The example of a shop's visitors: the job, its SQL and PyTorch predict the same next pages. */
class ClickstreamITCase {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path EXAMPLE = Path.of("jobs/clickstream");
  private static final int IDLE_SECONDS = 30 * 60;
  private static final int TOP = 3;

  @TempDir private Path directory;

  private record Visit(long t, float[] hidden, long lastSeconds) {}

  @Test
  void theJobComputesWhatALoopComputes() throws Exception {
    Path out = directory.resolve("out.jsonl");
    Path rejected = directory.resolve("rejected.jsonl");
    CommandRun run =
        CommandRun.of(
            Map.of(),
            EXAMPLE.toString(),
            "--input=" + EXAMPLE.resolve("tokens.jsonl"),
            "--output=" + out,
            "--rejected=" + rejected);

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(Files.readAllLines(out)).hasSize(74).containsExactlyElementsOf(reference());
    assertThat(Files.readAllLines(rejected))
        .singleElement()
        .satisfies(
            line ->
                assertThat(JSON.readTree(line).get("reason").stringValue())
                    .isEqualTo("unknown-token"));
  }

  @Test
  void theSqlReturnsTheRowsOfTheJob() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SqlCommand(EXAMPLE.resolve("next.sql").toString(), new PrintStream(out, true, UTF_8)).run();

    assertThat(out.toString(UTF_8).lines()).containsExactlyInAnyOrderElementsOf(reference());
  }

  @Test
  void pyTorchPredictsTheSamePages() throws Exception {
    List<String> expected =
        Files.readAllLines(Path.of("src/test/resources/clickstream/expected.jsonl"));
    List<String> found = reference();
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      JsonNode ours = JSON.readTree(found.get(i));
      JsonNode theirs = JSON.readTree(expected.get(i));
      for (String name : List.of("key", "t", "token")) {
        assertThat(ours.get(name)).isEqualTo(theirs.get(name));
      }
      for (int k = 0; k < TOP; k++) {
        JsonNode page = ours.get("top").get(k);
        JsonNode said = theirs.get("top").get(k);
        assertThat(page.get("label")).as("%s", theirs).isEqualTo(said.get("label"));
        assertThat(page.get("prediction").doubleValue())
            .isCloseTo(said.get("prediction").doubleValue(), within(2e-5));
      }
    }
  }

  /** The predictions of the sample, one record after the other, by the rules of the job file. */
  private static List<String> reference() throws IOException {
    List<String> predictions = new ArrayList<>();
    try (RnnModel model = RnnModel.load(EXAMPLE.resolve("model"));
        RnnStepper stepper = model.stepper()) {
      ModelInput.Words words = (ModelInput.Words) model.input();
      Map<String, Visit> visits = new HashMap<>();
      for (String line : Files.readAllLines(EXAMPLE.resolve("tokens.jsonl"))) {
        JsonNode view = JSON.readTree(line);
        String visitor = view.get("visitor").stringValue();
        String page = view.get("page").stringValue();
        long seconds = view.get("ts").longValue();
        int id = words.vocabulary().id(page);
        if (id < 0) {
          continue;
        }
        Visit before = visits.get(visitor);
        if (before == null || seconds - before.lastSeconds() >= IDLE_SECONDS) {
          before = new Visit(0, model.initialState(), 0);
        }
        float[] hidden = new float[model.stateSize()];
        stepper.step(id, before.hidden(), hidden);
        long t = before.t() + 1;
        if (page.equals("<leave>")) {
          visits.remove(visitor);
        } else {
          visits.put(visitor, new Visit(t, hidden, seconds));
        }
        float[] probabilities = stepper.prediction(stepper.logits(hidden));
        predictions.add(
            "{\"key\":\"%s\",\"t\":%d,\"token\":\"%s\",\"top\":[%s]}"
                .formatted(visitor, t, page, top(model.labels(), probabilities)));
      }
    }
    return predictions;
  }

  private static String top(List<String> labels, float[] probabilities) {
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> probabilities[i]).reversed())
        .limit(TOP)
        .map(i -> "{\"label\":\"" + labels.get(i) + "\",\"prediction\":" + probabilities[i] + "}")
        .collect(Collectors.joining(","));
  }
}
