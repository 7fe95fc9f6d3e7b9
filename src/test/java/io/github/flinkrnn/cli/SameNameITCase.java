package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.SameNameCheck;
import io.github.flinkrnn.kafka.TopicClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A second job of one name on a real broker. Its launcher finds the first one by the transactions
 * of that job, which a producer begins and commits here as its sink does.
 */
class SameNameITCase {
  private static final String ID = "flink-rnn/twice/predictions/-0-0";

  @TempDir private static Path directory;
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
    kafka.createTopics(1, "tokens", "predictions", "rejected", "other", "other-rejected");
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private static Path jobFile(String name, String delivery) throws Exception {
    Path file = directory.resolve(name + "-" + delivery + ".yaml");
    String end = "properties: {bootstrap.servers: \"" + kafka.address() + "\"}}\n";
    return Files.writeString(
        file,
        "name: %s\nmodel: %s\n".formatted(name, Path.of("jobs/name-tagging/model").toAbsolutePath())
            + ("source: {type: kafka, topic: tokens, " + end)
            + ("sink: {type: kafka, topic: predictions, delivery: " + delivery + ", " + end)
            + ("dead_letters: {type: kafka, topic: rejected, delivery: " + delivery + ", " + end)
            + "flink: {execution.checkpointing.interval: 200ms}\n");
  }

  private static JobFile job(String name, String delivery) throws Exception {
    return JobFileReader.read(jobFile(name, delivery).toString(), List.of(), variable -> null);
  }

  private static KafkaProducer<byte[], byte[]> producer(String id) {
    ByteArraySerializer bytes = new ByteArraySerializer();
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.address(), "transactional.id", id), bytes, bytes);
    producer.initTransactions();
    return producer;
  }

  private static void begin(KafkaProducer<byte[], byte[]> producer) {
    producer.beginTransaction();
    var unused = producer.send(new ProducerRecord<>("predictions", "x".getBytes(UTF_8)));
    producer.flush();
  }

  private static List<String> openIds(String prefix) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      return admin.listTransactions().all().get().stream()
          .filter(listing -> listing.state().toString().equals("Ongoing"))
          .map(TransactionListing::transactionalId)
          .filter(id -> id.startsWith(prefix))
          .toList();
    }
  }

  /** A job that is alive, and a run in a process of its own beside it. */
  @Test
  void isRejectedWhileTheFirstOneMoves() throws Exception {
    Path file = jobFile("twice", "exactly-once");
    Launcher launcher = new Launcher(directory);
    try (var first = producer(ID)) {
      begin(first);
      try (var live = new Commits(first)) {
        Launcher.Run second = launcher.run(file.toString(), "--brokers");

        assertThat(second.status()).isEqualTo(2);
        assertThat(second.stderr())
            .last()
            .asString()
            .isEqualTo(
                "flink-rnn: "
                    + file
                    + ": name: a job 'twice' is already running, with the transaction "
                    + ID
                    + " (coordinator: broker 1); this run would write each prediction a second time"
                    + " (--take-over skips this check)");
        assertThat(second.stdout()).isEmpty();
        try (SameNameCheck check = new SameNameCheck(job("twice", "exactly-once"), true)) {
          assertThatThrownBy(check::expectNone)
              .isInstanceOf(InvalidFileException.class)
              .hasMessageEndingWith(
                  " (coordinator: broker 1); two jobs of one name on the same brokers lose"
                      + " predictions (--take-over skips this check)");
        }
        runsBeside(launcher, file);
        live.check();
      }
    }
  }

  /** As after a crash, or between the checkpoints of a job that makes few. */
  @Test
  void ofOpenTransactionsThatDoNotChangeALineSaysSo() throws Exception {
    String id = "flink-rnn/still/predictions/-0-0";
    try (var first = producer(id)) {
      begin(first);
      assertThat(openIds(id)).containsExactly(id);
      try (SameNameCheck check = new SameNameCheck(job("still", "exactly-once"), true)) {
        assertThat(check.patience()).isEqualTo(Duration.ofSeconds(1));
        assertThat(check.expectNone())
            .hasValueSatisfying(
                line ->
                    assertThat(line)
                        .startsWith(
                            "open transactions of a job 'still' (1) did not change within 1.0 s, so"
                                + " it seems to have ended; their records are aborted: lost if it"
                                + " is still running, otherwise --from commits those of a"
                                + " checkpoint: "
                                + id
                                + " (begun at ")
                        .endsWith(", coordinator: broker 1)"));
        assertThat(check.warnings()).isEmpty();
      }
      first.commitTransaction();
    }
  }

  /** With ids of its own, it does not abort the transactions of the first job. */
  private static void runsBeside(Launcher launcher, Path file) throws Exception {
    Process local =
        launcher.start(
            file.toString(),
            "--brokers",
            "--take-over",
            "--set=sink.topic=other",
            "--set=dead_letters.topic=other-rejected");
    try (TopicClient topics = new TopicClient(kafka.address(), "other")) {
      topics.write(
          "tokens", List.of(Map.entry("k", "{\"key\":\"k\",\"token\":\"Mr.\"}".getBytes(UTF_8))));
      topics.readUntil(seen -> seen.size() == 1, Duration.ofMinutes(1));
      assertThat(local.isAlive()).isTrue();
    } finally {
      local.destroy();
      assertThat(local.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void nothingIsWatchedForANewNameOrWithoutTransactions() throws Exception {
    for (JobFile job : List.of(job("new", "exactly-once"), job("twice", "at-least-once"))) {
      try (SameNameCheck check = new SameNameCheck(job, true)) {
        assertThat(check.patience()).isZero();
        assertThat(check.expectNone()).isEmpty();
        assertThat(check.warnings()).isEmpty();
      }
    }
  }

  /** Begins and commits transactions, as a job does. */
  private static final class Commits implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final Thread thread = new Thread(this::commit, "commits");
    private volatile boolean stopped;
    private volatile RuntimeException failure;

    Commits(KafkaProducer<byte[], byte[]> producer) {
      this.producer = producer;
      thread.start();
    }

    private void commit() {
      try {
        while (!stopped) {
          producer.commitTransaction();
          begin(producer);
        }
        producer.commitTransaction();
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    void check() {
      assertThat(failure).isNull();
      assertThat(thread.isAlive()).isTrue();
    }

    @Override
    public void close() {
      stopped = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      assertThat(failure).isNull();
    }
  }
}
