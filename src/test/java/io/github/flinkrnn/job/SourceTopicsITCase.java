package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.operator.ModelDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole jobs on a broker: which topics they read, where they begin, and silent partitions. */
class SourceTopicsITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @RegisterExtension static final MiniClusterExtension CLUSTER = MiniClusters.withSlots(6);

  @TempDir private static Path directory;
  private static EmbeddedKafka kafka;
  private static Path model;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("kafka")));
    model = ModelDirectory.words(Files.createDirectory(directory.resolve("model")));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private static JobFile job(String name, String source, String more) throws Exception {
    String servers = "properties: {bootstrap.servers: \"" + kafka.address() + "\"";
    Path file = directory.resolve(name + ".yaml");
    Files.writeString(
        file,
        ("name: " + name + "\nmodel: " + model + "\n")
            + ("source: {type: kafka, " + source + ", " + servers)
            + ", partition.discovery.interval.ms: \"2000\"}}\n"
            + ("sink: {type: kafka, topic: " + name + "-out, " + servers + "}}\n")
            + ("dead_letters: {type: kafka, topic: " + name + "-rejected, " + servers + "}}\n")
            + "output: {fields: [token]}\n"
            + more
            + "flink:\n"
            + "  execution.checkpointing.interval: 100ms\n"
            + "  restart-strategy.type: none\n");
    return JobFileReader.read(file.toString(), List.of(), variable -> null);
  }

  private static JobClient start(JobFile job, int parallelism) throws Exception {
    JobValidator.validateTopics(job);
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    env.setParallelism(parallelism);
    RnnJob.build(env, job);
    return env.executeAsync(job.name());
  }

  private static ProducerRecord<byte[], byte[]> token(
      String topic, int partition, Long recordTime, String key, String word, long time) {
    String json = "{\"key\":\"%s\",\"token\":\"%s\",\"timestamp\":%d}".formatted(key, word, time);
    return new ProducerRecord<>(
        topic, partition, recordTime, key.getBytes(UTF_8), json.getBytes(UTF_8));
  }

  private static String value(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), UTF_8);
  }

  /** The words of each key, in order. */
  private static Map<String, String> words(List<ConsumerRecord<byte[], byte[]>> predictions) {
    Map<String, String> words = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : predictions) {
      String word = value(record).replaceAll(".*\"token\":\"(\\w+)\".*", "$1");
      words.merge(new String(record.key(), UTF_8), word, (a, b) -> a + " " + b);
    }
    return words;
  }

  @Test
  void aListOfTopicsIsReadAndAWrongNameIsNamed() throws Exception {
    kafka.createTopics(2, "list-a", "list-b", "list-out", "list-rejected");
    try (TopicClient out = new TopicClient(kafka.address(), "list-out")) {
      out.write(
          List.of(
              token("list-a", 0, null, "a", "the", 1),
              token("list-b", 1, null, "b", "cat", 2),
              token("list-a", 0, null, "a", "sat", 3)));
      JobClient job = start(job("list", "topics: [list-a, list-b]", ""), 2);
      try {
        assertThat(words(out.readUntil(seen -> seen.size() == 3, PATIENCE)))
            .isEqualTo(Map.of("a", "the sat", "b", "cat"));
      } finally {
        job.cancel().get();
      }
    }
    assertThatThrownBy(
            () -> JobValidator.validateTopics(job("list", "topics: [list-a, list-c]", "")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageEndingWith(
            ".yaml: source.topics[1]: topic 'list-c' does not exist at " + kafka.address());
    assertThatThrownBy(() -> JobValidator.validateTopics(job("list", "topic: list-c", "")))
        .hasMessageEndingWith(
            ".yaml: source.topic: topic 'list-c' does not exist at " + kafka.address());
    assertThatThrownBy(
            () -> JobValidator.validateTopics(job("list", "topic_pattern: 'lst-.*'", "")))
        .hasMessageEndingWith(
            ".yaml: source.topic_pattern: no topic at " + kafka.address() + " matches 'lst-.*'");
  }

  /** Otherwise the job would read what it writes, for ever. */
  @Test
  void aTopicThatIsReadIsNotWrittenAtAnotherAddressOfTheCluster() throws Exception {
    kafka.createTopics(1, "loop-1", "loop-out", "loop-rejected");
    String other = kafka.address().replace("127.0.0.1", "localhost");
    for (String[] one :
        new String[][] {
          {
            "sink",
            "loop-out",
            "topic_pattern: 'loop-.*'",
            ".topic: expected a topic that source.topic_pattern does not match, found loop-out"
          },
          {
            "dead_letters",
            "loop-rejected",
            "topics: [loop-1, loop-rejected]",
            ": expected another file or topic, found that of source"
          }
        }) {
      JobFile file = job("loop", one[2], "");
      List<String> overrides =
          one[0].equals("sink")
              ? List.of(servers("sink", other), servers("dead_letters", other))
              : List.of(servers("dead_letters", other));
      assertThatThrownBy(
              () ->
                  JobValidator.validateTopics(
                      JobFileReader.read(file.file(), overrides, variable -> null)))
          .isInstanceOf(InvalidFileException.class)
          .hasMessage(file.file() + ": " + one[0] + one[3]);
    }
    JobValidator.validateTopics(
        JobFileReader.read(
            job("loop", "topic_pattern: 'loop-\\d'", "").file(),
            List.of(servers("sink", other)),
            variable -> null));
  }

  private static String servers(String field, String address) {
    return field + ".properties.bootstrap.servers=" + address;
  }

  @Test
  void aPatternFindsTopicsThatAreCreatedLater() throws Exception {
    kafka.createTopics(1, "in-1", "other-in-1", "pattern-out", "pattern-rejected");
    try (TopicClient out = new TopicClient(kafka.address(), "pattern-out")) {
      out.write(
          List.of(
              token("other-in-1", 0, null, "x", "the", 1), token("in-1", 0, null, "a", "the", 1)));
      JobClient job = start(job("pattern", "topic_pattern: 'in-\\d+'", ""), 1);
      try {
        out.readUntil(seen -> seen.size() == 1, PATIENCE);
        kafka.createTopics(1, "in-22", "in-x");
        out.write(
            List.of(token("in-x", 0, null, "x", "the", 1), token("in-22", 0, null, "b", "sat", 1)));
        out.readUntil(seen -> seen.size() == 2, PATIENCE);
        out.write(List.of(token("in-22", 0, null, "b", "down", 1)));

        assertThat(words(out.readUntil(seen -> seen.size() == 3, PATIENCE)))
            .isEqualTo(Map.of("a", "the", "b", "sat down"));
      } finally {
        job.cancel().get();
      }
    }
  }

  @Test
  void aTimeIsWhereEachPartitionBegins() throws Exception {
    kafka.createTopics(2, "time-in", "time-out", "time-rejected");
    long time = Instant.parse("2026-01-31T08:00:00Z").toEpochMilli();
    try (TopicClient out = new TopicClient(kafka.address(), "time-out")) {
      out.write(
          List.of(
              token("time-in", 0, time - 1, "a", "the", 1),
              token("time-in", 0, time, "a", "cat", 1),
              token("time-in", 0, time - 5, "a", "sat", 1),
              token("time-in", 1, time - 1, "b", "the", 1)));
      JobFile file = job("time", "topic: time-in, start: '2026-01-31T09:00:00+01:00'", "");
      JobClient job = start(file, 1);
      try {
        out.readUntil(seen -> seen.size() == 2, PATIENCE);
        // Partition 1 has no record from that time on: it begins at its end.
        out.write(List.of(token("time-in", 1, time - 7, "b", "down", 1)));

        assertThat(words(out.readUntil(seen -> seen.size() == 3, PATIENCE)))
            .isEqualTo(Map.of("a", "cat sat", "b", "down"));
      } finally {
        job.cancel().get();
      }
    }
  }

  @Test
  void withoutCommittedOffsetsALineSaysWhereTheJobBegins() throws Exception {
    kafka.createTopics(2, "group-a", "group-b", "group-c");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      admin
          .alterConsumerGroupOffsets(
              "group",
              Map.of(
                  new TopicPartition("group-a", 0), new OffsetAndMetadata(0),
                  new TopicPartition("group-a", 1), new OffsetAndMetadata(0),
                  new TopicPartition("group-b", 1), new OffsetAndMetadata(7)))
          .all()
          .get();
    }
    String topics = "topic_pattern: 'group-[abc]'";

    assertThat(JobValidator.startLines(job("group", topics + ", start: committed", "")))
        .containsExactly(
            "group group has no committed offset in 1 of 2 partitions of topic group-b;"
                + " there, the job begins at the earliest records",
            "group group has no committed offsets of topic group-c;"
                + " the job begins at the earliest records");
    assertThat(JobValidator.startLines(job("group", topics, ""))).isEmpty();

    String anew =
        "group group has committed offsets; without --from, the job begins anew at start: ";
    assertThat(JobValidator.anewLine(job("group", topics, "")))
        .hasValue(anew + "earliest, and repeats predictions");
    assertThat(JobValidator.anewLine(job("group", topics + ", start: latest", "")))
        .hasValue(anew + "latest, and leaves out the records since");
    assertThat(JobValidator.anewLine(job("group", topics + ", start: '2026-01-31T08:00:00Z'", "")))
        .hasValue(anew + "a time, and repeats predictions since then");
    assertThat(JobValidator.anewLine(job("group", topics + ", start: committed", ""))).isEmpty();
    assertThat(JobValidator.anewLine(job("group", "topic: group-a", ""))).isEmpty();
    assertThat(JobValidator.anewLine(job("other", topics, ""))).isEmpty();
  }

  /** With what Flink itself leaves of a run that is stopped, and of one without a checkpoint. */
  @Test
  void theLatestCheckpointIsNotThatOfAnOlderRun() throws Exception {
    kafka.createTopics(1, "latest-in", "latest-out", "latest-rejected");
    String file = job("latest", "topic: latest-in", "").file();
    Path checkpoints = directory.resolve("checkpoints/latest");
    String dir = "flink.execution.checkpointing.dir=" + checkpoints.toUri();
    String keep =
        "flink.execution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION";
    JobFile job = JobFileReader.read(file, List.of(dir, keep), variable -> null);
    JobClient first = start(job, 1);
    awaitLatest(job, path -> true);
    first.cancel().get();
    awaitEnd(first);
    String older = latest(job).orElseThrow();

    List<String> resumed = List.of(dir, keep, "flink.execution.state-recovery.path=" + older);
    List<String> never = new ArrayList<>(resumed);
    never.add("flink.execution.checkpointing.interval=1h");
    never.add("sink.properties.transaction.timeout.ms=900000");
    never.add("sink.delivery=at-least-once");
    never.add("dead_letters.delivery=at-least-once");
    JobClient idle = start(JobFileReader.read(file, never, variable -> null), 1);
    Path idleRun = checkpoints.resolve(idle.getJobID().toString());
    await(() -> Files.exists(idleRun.resolve("taskowned")));
    idle.cancel().get();
    awaitEnd(idle);
    assertThat(latest(job)).hasValue(older);

    JobClient last = start(JobFileReader.read(file, resumed, variable -> null), 1);
    String run = last.getJobID().toString();
    awaitLatest(job, path -> path.contains(run));
    long begun =
        Files.getLastModifiedTime(checkpoints.resolve(run).resolve("taskowned")).toMillis();
    await(() -> Files.getLastModifiedTime(checkpoints.resolve(run)).toMillis() > begun + 2000);
    last.stopWithSavepoint(
            false, directory.resolve("elsewhere").toString(), SavepointFormatType.CANONICAL)
        .get();
    awaitEnd(last);
    await(() -> !hasCheckpoint(checkpoints.resolve(run))); // Flink deletes them in the background
    assertThatThrownBy(() -> latest(job))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(run + ": this run began checkpoints after " + older);
  }

  private static Optional<String> latest(JobFile job) {
    return LatestCheckpoint.of("latest", Configuration.fromMap(job.flink()));
  }

  private static void awaitLatest(JobFile job, Predicate<String> expected) throws Exception {
    await(
        () -> {
          try {
            return latest(job).filter(expected).isPresent();
          } catch (UsageException e) {
            return false; // none is complete yet, or Flink deletes one
          }
        });
  }

  private static boolean hasCheckpoint(Path run) throws IOException {
    try (Stream<Path> entries = Files.list(run)) {
      return entries.anyMatch(entry -> entry.getFileName().toString().startsWith("chk-"));
    }
  }

  private static void awaitEnd(JobClient job) throws Exception {
    await(() -> job.getJobStatus().get().isGloballyTerminalState());
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Then the offsets are those of the savepoint. */
  @Test
  void aJobThatResumesSaysNothingAboutCommittedOffsets() throws Exception {
    kafka.createTopics(1, "resumed-in", "resumed-out", "resumed-rejected");
    String source = "topic: resumed-in, start: committed";
    assertThat(JobValidator.startLines(job("resumed", source, ""))).hasSize(1);
    String path = directory.resolve("no-savepoint").toString();
    JobFile file = job("resumed", source, "");
    List<String> overrides = List.of("flink.execution.state-recovery.path=" + path);
    assertThat(
            JobValidator.startLines(JobFileReader.read(file.file(), overrides, variable -> null)))
        .isEmpty();
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, UTF_8));
    try {
      String[] words = {"--job", file.file(), "--from", path};
      assertThatThrownBy(() -> RnnJob.main(words)).hasStackTraceContaining(path);
    } finally {
      System.setErr(err);
    }
    assertThat(said.toString(UTF_8))
        .contains("flink-rnn: resumes from " + path)
        .doesNotContain("committed offsets");
  }

  /** With one subtask, with two partitions each, and with subtasks that have none. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6})
  void whatWaitsComesOutWhenPartitionsFallSilent(int parallelism) throws Exception {
    String name = "silent-" + parallelism;
    String in = name + "-in";
    kafka.createTopics(4, in, name + "-out", name + "-rejected");
    String sequence =
        "sequence: {order: timestamp, max_out_of_orderness: 200ms, idle_partition: 500ms}\n";
    JobFile file = job(name, "topic: " + in, sequence);
    try (TopicClient out = new TopicClient(kafka.address(), name + "-out");
        TopicClient rejected = new TopicClient(kafka.address(), name + "-rejected")) {
      JobClient job = start(file, parallelism);
      try {
        // One active partition of four.
        out.write(
            List.of(
                token(in, 2, null, "a", "cat", 100_100),
                token(in, 2, null, "a", "the", 100_000),
                token(in, 2, null, "b", "the", 100_200),
                token(in, 2, null, "a", "sat", 100_200)));
        assertThat(words(out.readUntil(seen -> seen.size() == 4, PATIENCE)))
            .isEqualTo(Map.of("a", "the cat sat", "b", "the"));

        // All are silent after it. Those that wake up first are not late.
        List<ProducerRecord<byte[], byte[]>> first = new ArrayList<>();
        List<ProducerRecord<byte[], byte[]>> later = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          first.add(token(in, 1, null, "c", "down", 300_000 + i));
          first.add(token(in, 3, null, "d", "down", 300_000 + i));
          later.add(token(in, 0, null, "a", "down", 900_000 + i));
        }
        out.write(first);
        out.readUntil(seen -> seen.size() == 24, PATIENCE);
        out.write(later);
        out.readUntil(seen -> seen.size() == 34, PATIENCE);

        // Older than what was waited for.
        out.write(List.of(token(in, 3, null, "d", "cat", 899_999)));
        List<ConsumerRecord<byte[], byte[]>> letters =
            rejected.readUntil(seen -> !seen.isEmpty(), PATIENCE);
        assertThat(letters).hasSize(1);
        assertThat(value(letters.get(0))).startsWith("{\"reason\":\"late\",");

        // The partition that wakes up is read as before.
        out.write(List.of(token(in, 3, null, "d", "cat", 900_010)));
        String tens = " down".repeat(10);
        assertThat(words(out.readUntil(seen -> seen.size() == 35, PATIENCE)))
            .isEqualTo(
                Map.of(
                    "a",
                    "the cat sat" + tens,
                    "b",
                    "the",
                    "c",
                    tens.strip(),
                    "d",
                    tens.strip() + " cat"));
      } finally {
        job.cancel().get();
      }
    }
  }
}
