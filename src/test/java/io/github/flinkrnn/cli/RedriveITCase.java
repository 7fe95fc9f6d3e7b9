package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.json.DeadLetter;
import io.github.flinkrnn.kafka.Redrive;
import io.github.flinkrnn.kafka.RedriveException;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.sequence.Reason;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** {@code --redrive} on a real broker: each dead letter is sent once, by whatever runs. */
class RedriveITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TYPE = "\"reason\":\"wrong-type\",\"detail\":\"d\"";

  @TempDir private static Path shared;
  private static EmbeddedKafka kafka;

  @TempDir private Path directory;
  private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private String test;
  private String job;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(shared.resolve("kafka")));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @BeforeEach
  void makeJob(TestInfo info) throws Exception {
    test = info.getTestMethod().orElseThrow().getName();
    kafka.createTopics(2, test + "-tokens", test + "-rejected");
    kafka.createTopics(1, test + "-predictions");
    String broker = "properties: {bootstrap.servers: \"" + kafka.address() + "\"}";
    job =
        Files.writeString(
                directory.resolve("job.yaml"),
                ("name: " + test + "\n")
                    + ("model: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
                    + ("source: {type: kafka, topic: " + test + "-tokens, " + broker + "}\n")
                    + ("sink: {type: kafka, topic: " + test + "-predictions, " + broker + "}\n")
                    + ("dead_letters: {type: kafka, topic: "
                        + test
                        + "-rejected, "
                        + broker
                        + "}\n")
                    + "flink: {execution.checkpointing.interval: 200ms}\n")
            .toString();
  }

  /** A dead letter of a record with this value, as the fields that say so. */
  private ProducerRecord<byte[], byte[]> letter(int partition, long time, String key, String json) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            test + "-rejected",
            partition,
            time,
            key == null ? null : key.getBytes(UTF_8),
            json.replace("TOPIC", test + "-tokens").getBytes(UTF_8));
    letters.add(letter);
    return letter;
  }

  private static String of(String reason, String record) {
    return "{\"reason\":\""
        + reason
        + "\",\"detail\":\"d\",\"topic\":\"TOPIC\",\"record\":"
        + record
        + "}";
  }

  private void writeLetters() throws Exception {
    TopicClient.write(kafka.address(), letters, Map.of());
    letters.clear();
  }

  /** The table that a run prints. */
  private List<String> redrive(String... options) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arguments arguments =
        Arguments.parse(options, Set.of("--reason", "--since"), Set.of("--dry-run"));
    RedriveCommand.of(
            JobFileReader.read(job, List.of(), new EnvironmentValues(name -> null)),
            arguments,
            new Console(new PrintStream(said, true, UTF_8), false))
        .run(new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8).lines().map(line -> line.replaceAll(" +", " ")).toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> tokens() {
    try (TopicClient topic = new TopicClient(kafka.address(), test + "-tokens")) {
      return topic.readToEnd();
    }
  }

  private static Stream<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(record -> new String(record.value(), UTF_8));
  }

  @Test
  void sendsWhatItCanAndCountsTheRest() throws Exception {
    long time = System.currentTimeMillis() - 3_600_000;
    letter(0, time, "k", of("wrong-type", "\"{\\\"a\\\":\\\"ö\\\"}\""))
        .headers()
        .add(new RecordHeader("traceparent", new byte[] {1, 2}))
        .add(new RecordHeader("empty", null));
    letter(1, time + 1, null, of("not-json", "\"/w==\",\"encoding\":\"base64\""));
    letter(0, time + 2, "gone", of("empty", "null"));
    letter(0, time, "k", of("too-large", "\"x\",\"truncated\":true,\"length\":9"));
    letter(0, time, null, of("too-large", "\"x\",\"key_dropped\":true"));
    letter(0, time, "k", of("too-large", "\"x\",\"output\":true"));
    letter(0, time, "k", "{" + TYPE + ",\"topic\":\"another\",\"record\":\"x\"}");
    letter(0, time, "k", of("late", "\"{}\",\"element\":3"));
    letter(0, time, "k", "no dead letter");
    writeLetters();

    List<String> table =
        List.of(
            "reason sent not sent",
            "- 0 1 1 not dead letters",
            "empty 1 0",
            "late 0 1 1 without their element (left)",
            "not-json 1 0",
            "too-large 0 3 1 cut, 1 without their key, 1 outputs, whose step counts",
            "wrong-type 1 1 1 of another topic (left)",
            "all 3 6");
    assertThat(redrive("--dry-run").subList(1, 8)).isEqualTo(table.subList(1, 8));
    assertThat(tokens()).isEmpty();
    assertThat(redrive()).isEqualTo(table);
    assertThat(redrive())
        .contains(
            "late 0 1 1 without their element (left)", "wrong-type 0 1 1 of another topic (left)");

    List<ConsumerRecord<byte[], byte[]>> sent = tokens();
    assertThat(sent).hasSize(3);
    ConsumerRecord<byte[], byte[]> first = of(sent, "k");
    assertThat(first.value()).isEqualTo("{\"a\":\"ö\"}".getBytes(UTF_8));
    assertThat(first.timestamp()).isEqualTo(time);
    assertThat(first.headers())
        .containsExactly(
            new RecordHeader("traceparent", new byte[] {1, 2}), new RecordHeader("empty", null));
    assertThat(of(sent, "gone").value()).isNull();
    assertThat(of(sent, null).value()).containsExactly(0xff);
    assertThat(of(sent, null).timestamp()).isEqualTo(time + 1);
    assertThat(said.toString(UTF_8)).contains("done     3 sent, 6 not sent, ");
  }

  /** A key stays in its partition, whatever hash its producer has. */
  @Test
  void sendsToThePartitionFromWhichTheRecordCame() throws Exception {
    letter(0, 1, "k", of("late", "\"zero\",\"partition\":0"));
    letter(0, 1, "k", of("late", "\"one\",\"partition\":1"));
    letter(0, 1, "k", of("late", "\"no longer\",\"partition\":2"));
    letter(0, 1, "k", of("late", "\"no number\",\"partition\":-1"));
    writeLetters();
    assertThat(redrive()).contains("all 4 0");
    Map<String, Integer> partitions = new HashMap<>();
    tokens().forEach(token -> partitions.put(new String(token.value(), UTF_8), token.partition()));
    int ofTheKey = partitions.get("no number");
    assertThat(partitions)
        .isEqualTo(Map.of("zero", 0, "one", 1, "no longer", ofTheKey, "no number", ofTheKey));
  }

  /** Those that the job file was wrong about are sent once it is corrected. */
  @Test
  void whatCouldNotBeSentIsLeftForACorrectedJob() throws Exception {
    letter(0, 1, "a", of("late", "\"{\\\"events\\\":[1,2]}\",\"element\":1"));
    letter(0, 2, "b", of("late", "\"b\""));
    letter(0, 3, "c", "{" + TYPE + ",\"topic\":\"" + test + "-predictions\",\"record\":\"c\"}");
    letter(0, 4, "d", of("late", "\"d\",\"truncated\":true,\"length\":9"));
    writeLetters();
    assertThat(redrive())
        .contains(
            "late 1 2 1 without their element (left), 1 cut",
            "wrong-type 0 1 1 of another topic (left)",
            "all 1 3");

    Path file = Path.of(job);
    String corrected =
        Files.readString(file)
            .replace("topic: " + test + "-tokens", "topic: " + test + "-tokens, each: /events");
    Files.writeString(file, corrected);
    assertThat(redrive()).contains("late 1 0", "wrong-type 0 1 1 of another topic (left)");
    assertThat(values(tokens())).containsExactlyInAnyOrder("b", "{\"events\":[2]}");
    assertThat(redrive()).contains("all 0 1");
  }

  private static ConsumerRecord<byte[], byte[]> of(
      List<ConsumerRecord<byte[], byte[]>> records, String key) {
    return records.stream()
        .filter(r -> key == null ? r.key() == null : key.equals(text(r.key())))
        .findFirst()
        .orElseThrow();
  }

  private static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, UTF_8);
  }

  @Test
  void eachReasonAndTimeIsSentOnceByWhateverRuns() throws Exception {
    long base = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    for (int i = 0; i < 40; i++) {
      String reason = i % 2 == 0 ? "late" : "gap";
      letter(i % 3 == 0 ? 1 : 0, base + i * 1000L, "k" + i, of(reason, "\"" + i + "\""));
    }
    writeLetters();
    assertThat(redrive("--reason=late", "--since=2026-01-01T00:00:20Z"))
        .containsExactly("reason sent not sent", "late 10 0", "all 10 0");
    assertThat(redrive("--reason=late", "--since=2026-01-01T01:00:10+01:00")).contains("late 5 0");
    assertThat(redrive("--since=2026-01-01T00:00:30Z")).contains("gap 5 0", "all 5 0");
    assertThat(redrive("--reason=late", "--reason=gap", "--dry-run"))
        .contains("gap 15 0", "late 5 0");
    letter(0, base, "new", of("gap", "\"new\""));
    writeLetters();
    assertThat(redrive()).contains("gap 16 0", "late 5 0", "all 21 0");
    assertThat(redrive()).contains("all 0 0");
    assertThat(values(tokens())).hasSize(41).doesNotHaveDuplicates();
  }

  /** A killed process leaves a transaction open, which the next run aborts. */
  @Test
  void aKilledRunNeitherLosesNorRepeats() throws Exception {
    int count = 30_000;
    writeMany(count);
    Launcher launcher = new Launcher(Files.createDirectory(directory.resolve("run")));
    Process killed = launcher.start(job, "--redrive");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      TopicPartition at = new TopicPartition(test + "-tokens", 0);
      while (admin.listOffsets(Map.of(at, OffsetSpec.latest())).all().get().get(at).offset() == 0) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
    killed.destroyForcibly().waitFor();
    Launcher.Run rest = launcher.run(job, "--redrive");
    assertThat(rest.status()).as("%s", rest.stderr()).isZero();
    assertThat(values(tokens())).hasSize(count).doesNotHaveDuplicates();
  }

  /** One record cannot be sent, so the transaction with others is aborted. */
  @Test
  void anAbortedTransactionIsSentAgain() throws Exception {
    int count = 1200;
    writeMany(count);
    Map<String, String> broker = Map.of("bootstrap.servers", kafka.address());
    Redrive.Filter all = new Redrive.Filter(EnumSet.allOf(Reason.class), Long.MIN_VALUE);
    List<Redrive.Choice> done = new ArrayList<>();
    try (Redrive redrive = new Redrive(test, all, broker, Optional.of(broker))) {
      assertThatThrownBy(() -> redrive.run(test + "-rejected", this::choice, done::add))
          .isInstanceOf(RedriveException.class)
          .hasMessageContaining("Invalid topics: [no topic]");
    }
    int committed = tokens().size();
    assertThat(done).hasSize(committed);
    assertThat(committed).isLessThan(count);
    assertThat(redrive()).contains("all " + (count - committed) + " 0");
    assertThat(values(tokens())).hasSize(count).doesNotHaveDuplicates();
  }

  /** So a run that waits for a slow broker does not look like one that another run ended. */
  @Test
  void aTransactionTimesOutAfterItsCallsGiveUp() throws Exception {
    Map<String, String> broker = Map.of("bootstrap.servers", kafka.address());
    Redrive.Filter all = new Redrive.Filter(EnumSet.allOf(Reason.class), Long.MIN_VALUE);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()));
        Redrive first = new Redrive(test, all, broker, Optional.of(broker))) {
      String id = "flink-rnn-redrive/" + test;
      assertThat(
              admin.describeTransactions(List.of(id)).description(id).get().transactionTimeoutMs())
          .isGreaterThan(3 * 60_000L);
      letter(0, 1, "k", of("late", "\"x\""));
      writeLetters();
      try (Redrive second = new Redrive(test, all, broker, Optional.of(broker))) {
        assertThatThrownBy(() -> first.run(test + "-rejected", this::choice, choice -> {}))
            .isInstanceOf(RedriveException.class)
            .hasMessage(
                "another --redrive of this job began, or this one stood still for 240 s; the next"
                    + " one goes on after what this one committed");
        second.run(test + "-rejected", this::choice, choice -> {});
      }
      assertThat(tokens()).hasSize(1);
    }
  }

  private Redrive.Choice choice(ConsumerRecord<byte[], byte[]> record) {
    String topic = record.offset() == 555 ? "no topic" : test + "-tokens";
    byte[] value = DeadLetter.read(record.value()).orElseThrow().record();
    return new Redrive.Choice(
        Optional.of(Reason.LATE),
        Optional.of(new ProducerRecord<>(topic, record.key(), value)),
        "sent",
        false);
  }

  private void writeMany(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      letter(i % 2, 1_700_000_000_000L, "k" + i, of("late", "\"" + i + "\""));
    }
    writeLetters();
  }

  @Test
  void theJobAnswersWhatItRejectedBefore() throws Exception {
    try (TopicClient topics = new TopicClient(kafka.address(), test + "-predictions")) {
      topics.write(
          test + "-tokens",
          List.of(
              Map.entry("a", "{\"token\":\"said\"}".getBytes(UTF_8)),
              Map.entry("b", "{\"word\":\"said\"}".getBytes(UTF_8)),
              Map.entry("b", "{\"word\":\"Mr.\"}".getBytes(UTF_8))));
      runJob();
      assertThat(topics.readToEnd()).hasSize(1);
      assertThat(redrive()).containsExactly("reason sent not sent", "missing-field 2 0", "all 2 0");
      runJob("source.fields={token: /word}", "name=corrected");
      assertThat(topics.readToEnd().subList(1, 5))
          .extracting(record -> text(record.value()).replaceFirst(",\"label.*", ""))
          .containsExactly(
              "{\"key\":\"b\",\"t\":1,\"token\":\"said\"",
              "{\"key\":\"b\",\"t\":2,\"token\":\"Mr.\"",
              "{\"key\":\"b\",\"t\":3,\"token\":\"said\"",
              "{\"key\":\"b\",\"t\":4,\"token\":\"Mr.\"");
    }
  }

  /** Runs the job until the current end of its topic. */
  private void runJob(String... overrides) throws Exception {
    JobFile read = JobFileReader.read(job, List.of(overrides), name -> null);
    SourceSpec.Kafka source = (SourceSpec.Kafka) read.source();
    JobFile bounded =
        read.between(
            new SourceSpec.Kafka(
                source.topics(), SourceSpec.Start.EARLIEST, source.properties(), true),
            read.sink(),
            read.deadLetters(),
            read.ends());
    StreamExecutionEnvironment env =
        RnnJob.environment(bounded, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, bounded);
    env.execute();
  }
}
