package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kafka.TopicClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topic of the tokens is deleted while a job reads it, and created again. */
class DeletedTopicITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Without a limit, the log grows by megabytes in a few seconds. */
  private static final int MOST_LOGGED = 200_000;

  @TempDir private Path directory;

  @Test
  void theJobSaysSoAndReadsTheNewTopicFromItsStart() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      kafka.createTopics(2, "tokens", "predictions", "rejected");
      Process run =
          new Launcher(directory)
              .start(
                  "name-tagging",
                  "--brokers",
                  "--set=source.start=committed",
                  ("--set=source.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=sink.properties.bootstrap.servers=" + kafka.address()),
                  ("--set=dead_letters.properties.bootstrap.servers=" + kafka.address()));
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
        topics.write("tokens", List.of(token("a", 1), token("a", 2), token("a", 3)));
        topics.readUntil(seen -> seen.size() == 3, PATIENCE);
        assertThat(said())
            .contains(
                "start    group name-tagging has no committed offsets of topic tokens;"
                    + " the job begins at the earliest records")
            .contains("status   running; Ctrl-C stops it");

        admin.deleteTopics(List.of("tokens")).all().get();
        awaitSaid("flink-rnn: warning: Topic tokens does not exist");
        long before = Files.size(directory.resolve("run.log"));
        kafka.createTopics(2, "tokens");
        awaitSaid("flink-rnn: warning: Topic tokens was deleted and created again: ");
        assertThat(Files.size(directory.resolve("run.log")) - before).isLessThan(MOST_LOGGED);

        topics.write("tokens", List.of(token("a", 4), token("a", 5)));
        topics.readUntil(seen -> seen.size() == 5, PATIENCE);
        assertThat(topics.readToEnd())
            .extracting(record -> new String(record.value(), UTF_8).replaceAll(",\"label.*", ""))
            .containsExactly(
                "{\"key\":\"a\",\"t\":1,\"token\":\"w1\"",
                "{\"key\":\"a\",\"t\":2,\"token\":\"w2\"",
                "{\"key\":\"a\",\"t\":3,\"token\":\"w3\"",
                "{\"key\":\"a\",\"t\":4,\"token\":\"w4\"",
                "{\"key\":\"a\",\"t\":5,\"token\":\"w5\"");
        assertThat(run.isAlive()).isTrue();
      } finally {
        run.destroy();
      }
      assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static Map.Entry<String, byte[]> token(String key, int number) {
    String json = "{\"key\":\"%s\",\"token\":\"w%d\"}".formatted(key, number);
    return Map.entry(key, json.getBytes(UTF_8));
  }

  private List<String> said() throws IOException {
    return Files.readAllLines(directory.resolve("started.txt"));
  }

  private void awaitSaid(String start) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (said().stream().noneMatch(line -> line.startsWith(start))) {
      assertThat(System.nanoTime()).as("%s in %s", start, said()).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }
}
