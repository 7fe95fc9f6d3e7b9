package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job in the process of the launcher, between topics of an external broker. */
class OwnBrokersITCase {
  @TempDir private Path directory;

  @Test
  void theJobAnswersUntilItIsStopped() throws Exception {
    List<String> lines = Files.readAllLines(Path.of("jobs/name-tagging/tokens.jsonl"));
    SequentialReference reference =
        new SequentialReference(RnnModel.load(Path.of("jobs/name-tagging/model")));
    lines.forEach(line -> reference.accept(line.getBytes(UTF_8)));
    List<Map.Entry<String, byte[]>> records = new ArrayList<>();
    lines.forEach(line -> records.add(Map.entry("key", line.getBytes(UTF_8))));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(2, "tokens", "predictions", "rejected");
      Process run =
          new Launcher(directory)
              .start(
                  "name-tagging",
                  ("--set=source.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=sink.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=dead_letters.properties.bootstrap.servers=" + kafka.address()));
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions");
          TopicClient rejected = new TopicClient(kafka.address(), "rejected")) {
        topics.write("tokens", records.subList(0, 20));
        topics.readUntil(seen -> seen.size() >= 20, Duration.ofMinutes(1));
        records.add(Map.entry("key", "no json".getBytes(UTF_8)));
        topics.write("tokens", records.subList(20, records.size()));
        topics.readUntil(seen -> seen.size() >= lines.size(), Duration.ofMinutes(1));
        rejected.readUntil(seen -> seen.size() >= 1, Duration.ofMinutes(1));
        assertThat(run.isAlive()).isTrue();
        List<String> predictions = new ArrayList<>();
        topics.readToEnd().forEach(record -> predictions.add(new String(record.value(), UTF_8)));
        // There are two partitions: the order of a key's predictions is fixed, the order across
        // keys is not.
        assertThat(predictions).containsExactlyInAnyOrderElementsOf(reference.inOrder());
        for (List<String> ofKey : reference.byKey().values()) {
          assertThat(predictions).containsSubsequence(ofKey);
        }
      } finally {
        run.destroy();
      }
      assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(run.exitValue()).isNotZero();
      assertThat(Files.readString(directory.resolve("started.txt"))).doesNotContain("\tat ");
    }
  }
}
