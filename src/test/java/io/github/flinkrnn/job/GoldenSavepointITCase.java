package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.job.SavedJob.Kind;
import io.github.flinkrnn.kafka.TopicClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Savepoints of complete jobs, from topic to topic, that an earlier build took. A change that
 * breaks one of these tests breaks the jobs of users. The savepoints are canonical, so each backend
 * can read them, and they contain every uid of a job. Each is restored in the middle of its topic
 * and continues.
 */
class GoldenSavepointITCase {
  /** The folders, one for each format of the state. None is ever removed. */
  private static final List<String> FORMATS = List.of("0.1.0");

  private static final String FORMAT = FORMATS.get(FORMATS.size() - 1);

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @RegisterExtension private static final MiniClusterExtension FLINK = MiniClusters.withSlots(2);

  @TempDir private static Path broker;
  private static EmbeddedKafka kafka;

  @TempDir private Path directory;

  @BeforeAll
  static void writeTopics() throws Exception {
    kafka = EmbeddedKafka.start(broker);
    for (Kind kind : Kind.values()) {
      kafka.createTopics(1, kind.topic());
      try (TopicClient topics = new TopicClient(kafka.address(), kind.topic())) {
        topics.write(kind.topic(), kind.before());
        topics.write(kind.topic(), kind.after());
      }
    }
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private SavedJob job(Kind kind, String output) throws Exception {
    kafka.createTopics(1, output, output + "-rejected", output + "-ends");
    return new SavedJob(kind, directory, kafka.address(), output);
  }

  @ParameterizedTest
  @CsvSource({
    "SEQ, hashmap, 1",
    "SEQ, rocksdb, 2",
    "TIMESTAMP, hashmap, 2",
    "TIMESTAMP, rocksdb, 1"
  })
  void goesOnWithEveryBackend(Kind kind, String backend, int parallelism) throws Exception {
    for (String format : FORMATS) {
      String output = kind.folder() + "-" + backend + "-" + format;
      JobClient running =
          job(kind, output)
              .restore(
                  kind.savepoint(format),
                  "flink.state.backend.type=" + backend,
                  "flink.parallelism.default=" + parallelism);
      assertGoesOn(kind, output);
      running.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void flinkRefusesAnotherMaximumParallelism() throws Exception {
    SavedJob job = job(Kind.SEQ, "refused");
    assertThatThrownBy(
            () ->
                job.restore(Kind.SEQ.savepoint(FORMAT), "flink.pipeline.max-parallelism=64")
                    .getJobExecutionResult()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasStackTraceContaining("Max parallelism mismatch")
        .hasStackTraceContaining("with max parallelism 128 to new program with max parallelism 64");
  }

  @Test
  void goesOnUnderAnotherName() throws Exception {
    JobClient running =
        job(Kind.SEQ, "renamed").restore(Kind.SEQ.savepoint(FORMAT), "name=another");
    assertGoesOn(Kind.SEQ, "renamed");
    running.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** The offsets of the old topic are in the savepoint, so its records are also read. */
  @Test
  void goesOnWithAnotherTopicBesideTheOldOne() throws Exception {
    kafka.createTopics(1, "elsewhere");
    try (TopicClient topics = new TopicClient(kafka.address(), "elsewhere")) {
      topics.write("elsewhere", List.of(SavedJob.record("d", "the", "\"seq\":0")));
    }
    JobClient running =
        job(Kind.SEQ, "moved").restore(Kind.SEQ.savepoint(FORMAT), "source.topic=elsewhere");
    try (TopicClient topics = new TopicClient(kafka.address(), "moved")) {
      int all = Kind.SEQ.expected().values().stream().mapToInt(List::size).sum() + 1;
      Map<String, List<String>> came =
          byKey(topics.readUntil(seen -> seen.size() >= all, PATIENCE));
      assertThat(came.remove("d")).hasSize(1);
      assertThat(came).isEqualTo(Kind.SEQ.expected());
    }
    running.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void assertGoesOn(Kind kind, String output) {
    try (TopicClient topics = new TopicClient(kafka.address(), output)) {
      int all = kind.expected().values().stream().mapToInt(List::size).sum();
      topics.readUntil(seen -> seen.size() >= all, PATIENCE);
      assertThat(byKey(topics.readToEnd())).isEqualTo(kind.expected());
    }
  }

  private static Map<String, List<String>> byKey(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> byKey = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byKey
          .computeIfAbsent(new String(record.key(), UTF_8), key -> new ArrayList<>())
          .add(new String(record.value(), UTF_8));
    }
    return byKey;
  }

  /** Reading a savepoint must not need a place that existed when it was written. */
  @ParameterizedTest
  @EnumSource
  void isOneFileThatNamesNoPlace(Kind kind) throws Exception {
    try (Stream<Path> files = Files.list(kind.savepoint(FORMAT))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("_metadata");
    }
    Path file = kind.savepoint(FORMAT).resolve("_metadata");
    String bytes = Files.readString(file, ISO_8859_1);
    assertThat(bytes).doesNotContain("file:", "/tmp", "127.0.0.1", "localhost");
    assertThat(bytes).contains("SequenceStateSerializer");
  }

  /**
   * Writes to {@code target/savepoints}. Move the files to {@code
   * src/test/resources/job/savepoints}.
   */
  @ParameterizedTest
  @EnumSource
  @Disabled("wrote 0.1.0 with Flink 2.3.0")
  void write(Kind kind) throws Exception {
    try (EmbeddedKafka own = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      own.createTopics(1, kind.topic(), "out", "out-rejected", "out-ends");
      SavedJob job = new SavedJob(kind, directory, own.address(), "out");
      JobClient running = job.start();
      try (TopicClient topics = new TopicClient(own.address(), kind.sentinelTopic("out"))) {
        topics.write(kind.topic(), kind.before());
        topics.readUntil(kind::isSentinelThere, PATIENCE);
      }
      String savepoint =
          running
              .stopWithSavepoint(
                  false,
                  directory.resolve("savepoints").toUri().toString(),
                  SavepointFormatType.CANONICAL)
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      Path target = Files.createDirectories(Path.of("target/savepoints", kind.folder()));
      byte[] metadata = Files.readAllBytes(Path.of(URI.create(savepoint)).resolve("_metadata"));
      Files.write(target.resolve("_metadata"), withoutPlace(metadata, savepoint));
    }
  }

  /** States that are inside the file are still named by the path of the savepoint. */
  private static byte[] withoutPlace(byte[] metadata, String place) {
    String neutral = "savepoint" + "-".repeat(place.length() - "savepoint".length());
    return new String(metadata, ISO_8859_1).replace(place, neutral).getBytes(ISO_8859_1);
  }
}
