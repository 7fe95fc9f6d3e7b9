package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar, sent over REST to a cluster that has nothing of ours, between topics of a broker.
 */
class SubmissionITCase {
  @TempDir private Path directory;

  @Test
  void theSubmittedJobTagsWhatComes() throws Exception {
    SequentialReference reference =
        new SequentialReference(RnnModel.load(Path.of("jobs/name-tagging/model")));
    List<String> lines = Files.readAllLines(Path.of("jobs/name-tagging/tokens.jsonl"));
    lines.forEach(line -> reference.accept(line.getBytes(UTF_8)));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
        FlinkProcesses cluster =
            FlinkProcesses.start(Files.createDirectory(directory.resolve("flink")))) {
      kafka.createTopics(1, "tokens", "predictions", "rejected");
      Launcher.Run run =
          new Launcher(directory)
              .run(
                  "name-tagging",
                  ("--submit=" + cluster.address()),
                  ("--set=source.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=sink.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=dead_letters.properties.bootstrap.servers=" + kafka.address()));
      assertThat(run.status()).as("%s", run.stderr()).isZero();
      assertThat(run.stderr()).contains("status   RUNNING");
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
        topics.write("tokens", lines.stream().map(SubmissionITCase::record).toList());
        topics.readUntil(seen -> seen.size() >= lines.size(), Duration.ofMinutes(1));
        assertThat(cluster.get("/jobs/overview"))
            .contains("\"name\":\"name-tagging\"", "\"state\":\"RUNNING\"");
        assertThat(topics.readToEnd())
            .extracting(record -> new String(record.value(), UTF_8))
            .isEqualTo(reference.inOrder());
      }
    }
  }

  private static Map.Entry<String, byte[]> record(String line) {
    return Map.entry("key", line.getBytes(UTF_8));
  }
}
