package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code FLINK_RNN_LOG_FORMAT=json}: lines that a machine reads, with job and model. */
class JsonLogITCase {
  @TempDir private Path directory;

  @Test
  void everyLineIsAnObjectAndATasksSayJobAndModel() throws Exception {
    Launcher launcher = new Launcher(directory, Map.of("FLINK_RNN_LOG_FORMAT", "json"));
    Launcher.Run run =
        launcher.run(
            "name-tagging", "--input", "jobs/name-tagging/tokens.jsonl", "--output", "/dev/null");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    Set<String> jobs = new TreeSet<>();
    Set<String> models = new TreeSet<>();
    for (String line : Files.readAllLines(directory.resolve("run.log"))) {
      JsonNode json = new JsonMapper().readTree(line);
      jobs.add(json.get("job").asString());
      models.add(json.get("model").asString());
    }
    RnnModel model = RnnModel.load(Path.of("jobs/name-tagging/model"));
    assertThat(jobs).containsExactly("", "name-tagging");
    assertThat(models).containsExactly("", model.name() + "@" + model.version());
  }

  @Test
  void anotherFormatIsOneLine() throws Exception {
    Launcher launcher = new Launcher(directory, Map.of("FLINK_RNN_LOG_FORMAT", "xml"));
    Launcher.Run run = launcher.run("name-tagging");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stderr())
        .containsExactly("flink-rnn: FLINK_RNN_LOG_FORMAT=xml: expected text or json");
  }
}
