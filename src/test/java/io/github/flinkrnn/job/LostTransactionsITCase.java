package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.kafka.CapturedLog;
import io.github.flinkrnn.kafka.TopicClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job that resumes from a savepoint whose transactions have timed out since. */
class LostTransactionsITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @RegisterExtension private static final MiniClusterExtension FLINK = MiniClusters.withSlots(1);

  @TempDir private Path directory;
  private Path file;

  @Test
  void oneLineSaysWhatIsLostAndTheJobContinues() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
        CapturedLog log = CapturedLog.ofCommits()) {
      kafka.createTopics(1, "tokens", "predictions");
      writeJob(kafka.address());
      JobClient first = start();
      String savepoint;
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
        topics.write("tokens", tokens("Mr.", "Watson"));
        topics.readUntil(seen -> seen.size() == 2, PATIENCE);
        // A checkpoint has just ended, so the savepoint is before the next one, which would commit.
        topics.write("tokens", tokens("said", "the"));
        awaitOpen(kafka.address(), true);
        savepoint =
            first
                .triggerSavepoint(
                    directory.resolve("savepoints").toUri().toString(),
                    SavepointFormatType.CANONICAL)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        first.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitOpen(kafka.address(), false);

        JobClient second = start("flink.execution.state-recovery.path=" + savepoint);
        topics.write("tokens", tokens("London"));
        topics.readUntil(seen -> seen.size() == 3, PATIENCE);
        second.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(topics.readToEnd())
            .extracting(record -> new String(record.value(), UTF_8))
            .extracting(json -> json.replaceAll(".*\"t\":(\\d+).*", "$1"))
            .containsExactly("1", "2", "5");
      }
      assertThat(log.messages(Level.ERROR))
          .singleElement()
          .asString()
          .matches(
              "Records for topic predictions are lost, because transactions of the restored"
                  + " checkpoint \\d+ could not be committed: flink-rnn/gone/predictions/-0-\\d+"
                  + " \\(producer \\d+, epoch \\d+: aborted, begun at \\S+\\)");
    }
  }

  private static List<Map.Entry<String, byte[]>> tokens(String... words) {
    return List.of(words).stream()
        .map(word -> "{\"key\":\"k\",\"token\":\"" + word + "\"}")
        .map(json -> Map.entry("k", json.getBytes(UTF_8)))
        .toList();
  }

  private void writeJob(String servers) throws Exception {
    String end = "properties: {bootstrap.servers: \"" + servers + "\"";
    file = directory.resolve("job.yaml");
    Files.writeString(
        file,
        "name: gone\n"
            + ("model: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: tokens, " + end + "}}\n")
            + ("sink: {type: kafka, topic: predictions, " + end)
            + ", transaction.timeout.ms: 4000}}\n"
            + "flink: {execution.checkpointing.interval: 3s}\n");
  }

  private JobClient start(String... overrides) throws Exception {
    JobFile job = JobFileReader.read(file.toString(), List.of(overrides), name -> null);
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    return env.executeAsync(job.name());
  }

  /** Waits until a transaction is open, or until none is. */
  private static void awaitOpen(String servers, boolean isOpen) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    var open = new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      while (isOpen == admin.listTransactions(open).all().get().isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }
}
