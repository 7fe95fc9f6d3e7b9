package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.kafka.TopicClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every output record of a job is one that the broker accepts: its timestamp is not ahead of the
 * clock, and it is not longer than the topic allows. A record that the broker rejects would fail
 * the job, and fail it again after each restart.
 */
class TopicRecordsITCase {
  private static final long HOUR = 3_600_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension private static final MiniClusterExtension FLINK = new MiniClusterExtension();

  @TempDir private static Path shared;
  private static EmbeddedKafka kafka;

  @TempDir private Path directory;
  private String test;
  private final long now = System.currentTimeMillis();
  private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(shared.resolve("kafka")));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @BeforeEach
  void createTopics(TestInfo info) throws Exception {
    test = info.getTestMethod().orElseThrow().getName();
    kafka.createTopics(1, test + "-tokens", test + "-rejected", test + "-ends");
  }

  private void predictionsTopic(Map<String, String> configs) throws Exception {
    NewTopic topic = new NewTopic(test + "-predictions", 1, (short) 1).configs(configs);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  /** A token of key k. {@code more} is the JSON of further fields. */
  private void token(long recordTime, String more) {
    String json = "{\"key\":\"k\",\"token\":\"said\"" + more + "}";
    records.add(new ProducerRecord<>(test + "-tokens", 0, recordTime, null, json.getBytes(UTF_8)));
  }

  /**
   * Runs the job until all tokens are read, and returns the content of its topics. Records can be
   * read only after their commit, so this waits for the expected numbers.
   */
  private Outcome run(
      int predicted, int rejections, int ended, String sections, String... overrides)
      throws Exception {
    String broker = "properties: {bootstrap.servers: \"" + kafka.address() + "\"}";
    String yaml =
        ("name: " + test + "\n")
            + ("model: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: " + test + "-tokens, " + broker + "}\n")
            + ("sink: {type: kafka, topic: " + test + "-predictions, " + broker + "}\n")
            + ("dead_letters: {type: kafka, topic: " + test + "-rejected, " + broker + "}\n")
            + ("ends: {type: kafka, topic: " + test + "-ends, " + broker + "}\n")
            + "flink: {restart-strategy.type: none}\n"
            + sections;
    JobFile read = new JobFiles(directory).read(yaml, overrides);
    SourceSpec.Kafka source = (SourceSpec.Kafka) read.source();
    JobFile job =
        read.between(
            source.bounded("", source.properties()), read.sink(), read.deadLetters(), read.ends());
    try (TopicClient predictions = new TopicClient(kafka.address(), test + "-predictions");
        TopicClient rejected = new TopicClient(kafka.address(), test + "-rejected");
        TopicClient ends = new TopicClient(kafka.address(), test + "-ends")) {
      predictions.write(records);
      records.clear(); // so that another run reads these again
      StreamExecutionEnvironment env =
          RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
      RnnJob.build(env, job);
      env.execute();
      return new Outcome(
          read(predictions, predicted), read(rejected, rejections), read(ends, ended));
    }
  }

  /** At least this many records, and all that are in the topic by then. */
  private static List<ConsumerRecord<byte[], byte[]>> read(TopicClient topic, int count) {
    topic.readUntil(seen -> seen.size() >= count, PATIENCE);
    return topic.readToEnd();
  }

  private record Outcome(
      List<ConsumerRecord<byte[], byte[]>> predictions,
      List<ConsumerRecord<byte[], byte[]>> rejected,
      List<ConsumerRecord<byte[], byte[]>> ends) {}

  private static List<Long> times(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(ConsumerRecord::timestamp).toList();
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), UTF_8);
  }

  @Test
  void aTokenHoursAheadIsTooEarlyAndMovesNoWatermark() throws Exception {
    predictionsTopic(Map.of());
    token(now - 3000, ",\"timestamp\":" + (now - 3000));
    token(now - 2000, ",\"timestamp\":" + (now - 2000 + HOUR + 1)); // one more than the maximum
    token(now - 1000, ",\"timestamp\":" + (now - 1000));
    token(now, ",\"timestamp\":" + (now + HOUR)); // the maximum
    Outcome outcome = run(3, 1, 0, "sequence: {order: timestamp, max_out_of_orderness: 0}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 3000, now - 1000, now);
    assertThat(times(outcome.rejected())).containsExactly(now - 2000);
    assertThat(text(outcome.rejected().get(0)))
        .startsWith(
            "{\"reason\":\"too-early\",\"detail\":\"timestamp: expected at most 3600000 ms after the"
                + " record's "
                + (now - 2000)
                + ", found "
                + (now - 2000 + HOUR + 1)
                + "\"");
  }

  @Test
  void withoutALimitItIsTakenAndItsPredictionHasTheTimestampOfItsRecord() throws Exception {
    predictionsTopic(Map.of());
    token(now - 5000, ",\"timestamp\":" + (now + 48 * HOUR));
    Outcome outcome =
        run(1, 0, 0, "sequence: {order: timestamp, max_ahead: 0}\noutput: {fields: [timestamp]}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 5000);
    assertThat(text(outcome.predictions().get(0)))
        .isEqualTo("{\"key\":\"k\",\"t\":1,\"timestamp\":" + (now + 48 * HOUR) + "}");
  }

  @Test
  void aRecordAheadOfTheClockHasAPredictionOfTheClocksTime() throws Exception {
    predictionsTopic(Map.of());
    token(now + HOUR / 2, ""); // the broker accepts up to an hour
    Outcome outcome = run(1, 0, 0, "");
    assertThat(times(outcome.predictions())).hasSize(1).allSatisfy(this::isOfTheClock);
  }

  private void isOfTheClock(long time) {
    assertThat(time).isBetween(now, System.currentTimeMillis());
  }

  @Test
  void theEndOfTheStreamIsNotARecordTimestamp() throws Exception {
    predictionsTopic(Map.of());
    token(now - 9000, "");
    token(now - 8000, "");
    Outcome outcome = run(1, 0, 1, "output: {emit: last}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 8000);
    assertThat(times(outcome.ends())).containsExactly(now - 8000);
    assertThat(text(outcome.ends().get(0)))
        .isEqualTo("{\"key\":\"k\",\"t\":2,\"why\":\"end-of-input\"}");
  }

  @Test
  void theIdleTimeoutInEventTimeIsNotARecordTimestamp() throws Exception {
    predictionsTopic(Map.of());
    token(now - 9000, ",\"timestamp\":" + (now - 9000));
    Outcome outcome =
        run(1, 0, 1, "sequence: {idle_timeout: 24h, idle_time: event}\noutput: {emit: last}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 9000);
    assertThat(times(outcome.ends())).containsExactly(now - 9000);
  }

  @Test
  void tokensAfterAGapHaveTheTimestampsOfTheirRecords() throws Exception {
    predictionsTopic(Map.of());
    token(now - 9000, ",\"seq\":0");
    token(now - 8000, ",\"seq\":5");
    token(now - 7000, ",\"seq\":7");
    Outcome outcome = run(3, 0, 0, "sequence: {order: seq}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 9000, now - 8000, now - 7000);
    Outcome rejecting = run(4, 2, 0, "sequence: {order: seq, on_gap: reject}\n");
    assertThat(times(rejecting.rejected())).endsWith(now - 8000, now - 7000);
    assertThat(text(rejecting.rejected().get(0)))
        .contains(
            "\"record\":\"{\\\"key\\\":\\\"k\\\",\\\"token\\\":\\\"said\\\",\\\"seq\\\":5}\"");
  }

  @Test
  void timestampNowIsThatOfTheClock() throws Exception {
    predictionsTopic(Map.of());
    token(now - 48 * HOUR, "");
    assertThat(times(run(1, 0, 0, "").predictions())).containsExactly(now - 48 * HOUR);
    Outcome outcome = run(2, 0, 0, "", "sink.timestamp=now");
    assertThat(outcome.predictions()).hasSize(2);
    isOfTheClock(outcome.predictions().get(1).timestamp());
  }

  @Test
  void noTimestampIsOlderThanTheTopicAllows() throws Exception {
    predictionsTopic(Map.of("message.timestamp.before.max.ms", String.valueOf(HOUR)));
    token(now - 48 * HOUR, "");
    Outcome outcome = run(1, 0, 0, "");
    assertThat(times(outcome.predictions()))
        .hasSize(1)
        .allSatisfy(time -> assertThat(time).isBetween(now - HOUR / 2, System.currentTimeMillis()));
  }

  @Test
  void aPredictionLongerThanTheTopicAllowsIsADeadLetter() throws Exception {
    predictionsTopic(Map.of("max.message.bytes", "20000"));
    token(now - 3000, ",\"note\":\"short\"");
    token(now - 2000, ",\"note\":\"" + "x".repeat(30_000) + "\"");
    token(now - 1000, ",\"note\":\"" + "x".repeat(19_000) + "\"");
    Outcome outcome = run(2, 1, 0, "output: {carry: [/note]}\n");
    assertThat(times(outcome.predictions())).containsExactly(now - 3000, now - 1000);
    assertThat(text(outcome.predictions().get(1))).startsWith("{\"key\":\"k\",\"t\":3,");
    assertThat(times(outcome.rejected())).containsExactly(now - 2000);
    assertThat(text(outcome.rejected().get(0)))
        .matches(
            "\\{\"reason\":\"too-large\",\"detail\":\"output: expected at most the topic's"
                + " 19900 bytes, found 30\\d\\d\\d\",.*\"offset\":1,\"record\":\"\\{.*");
  }
}
