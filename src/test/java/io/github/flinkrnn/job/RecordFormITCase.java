package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.kafka.TopicClient;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Keys, headers, tombstones and arrays of tokens, from topic to topics on a real broker. */
class RecordFormITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension private static final MiniClusterExtension FLINK = new MiniClusterExtension();

  @TempDir private static Path shared;
  private static EmbeddedKafka kafka;

  @TempDir private Path directory;
  private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(shared.resolve("kafka")));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private void record(String topic, byte[] key, String value, String... headers) {
    byte[] json = value == null ? null : value.getBytes(UTF_8);
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, 1000L, key, json);
    for (String header : headers) {
      String[] parts = header.split("=", 2);
      record.headers().add(parts[0], HexFormat.of().parseHex(parts[1]));
    }
    records.add(record);
  }

  private List<List<String>> run(
      String name, String source, String sections, int predicted, int rejections, int ended)
      throws Exception {
    String broker = "properties: {bootstrap.servers: \"" + kafka.address() + "\"}";
    kafka.createTopics(1, name + "-tokens", name + "-out", name + "-rejected", name + "-ends");
    String yaml =
        ("name: " + name + "\n")
            + ("model: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: " + name + "-tokens, " + source + ", " + broker)
            + "}\n"
            + ("sink: {type: kafka, topic: " + name + "-out, " + broker + "}\n")
            + ("dead_letters: {type: kafka, topic: " + name + "-rejected, " + broker + "}\n")
            + ("ends: {type: kafka, topic: " + name + "-ends, " + broker + "}\n")
            + "flink: {restart-strategy.type: none}\n"
            + sections;
    JobFile job = JobParts.bounded(new JobFiles(directory).read(yaml));
    try (TopicClient predictions = new TopicClient(kafka.address(), name + "-out");
        TopicClient rejected = new TopicClient(kafka.address(), name + "-rejected");
        TopicClient ends = new TopicClient(kafka.address(), name + "-ends")) {
      predictions.write(records);
      StreamExecutionEnvironment env =
          RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
      RnnJob.build(env, job);
      env.execute();
      return List.of(
          lines(predictions, predicted), lines(rejected, rejections), lines(ends, ended));
    }
  }

  /** The key in hexadecimal digits, the headers, and the value of each record. */
  private static List<String> lines(TopicClient topic, int count) {
    topic.readUntil(seen -> seen.size() >= count, PATIENCE);
    return topic.readToEnd().stream().map(RecordFormITCase::line).toList();
  }

  private static String line(ConsumerRecord<byte[], byte[]> record) {
    StringBuilder line = new StringBuilder();
    line.append(record.key() == null ? "-" : HexFormat.of().formatHex(record.key()));
    StreamSupport.stream(record.headers().spliterator(), false)
        .forEach(
            header ->
                line.append(' ')
                    .append(header.key())
                    .append('=')
                    .append(HexFormat.of().formatHex(header.value())));
    return line.append(' ').append(new String(record.value(), UTF_8)).toString();
  }

  private static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Test
  void theKeyAndTheHeadersOfARecordReachItsPredictionAndItsDeadLetter() throws Exception {
    String topic = "keys-tokens";
    record(topic, number(42), "{\"token\":\"said\"}", "trace=00ff", "other=01", "trace=02");
    record(topic, number(42), "{\"token\":\"said\"}");
    record(topic, new byte[] {1}, "{\"token\":\"said\"}", "trace=03", "other=04");
    record(topic, number(7), "{\"key\":7,\"token\":\"said\"}", "trace=05");
    record(topic, number(42), null);
    record(topic, number(43), null); // no sequence: nothing happens
    record(topic, null, null);
    List<List<String>> found =
        run(
            "keys",
            "key_format: long, tombstone: end",
            "output: {fields: [], headers: [trace]}\n",
            3,
            2,
            1);
    assertThat(found.get(0))
        .containsExactly(
            "000000000000002a trace=00ff trace=02 {\"key\":\"42\",\"t\":1}",
            "000000000000002a {\"key\":\"42\",\"t\":2}",
            "37 trace=05 {\"key\":\"7\",\"t\":1}");
    assertThat(found.get(1))
        .containsExactlyInAnyOrder(
            "01 trace=03 other=04 {\"reason\":\"wrong-length\",\"detail\":\"key: expected 8 bytes as"
                + " the record's key, for source.key_format: long, found 1\","
                + "\"topic\":\"keys-tokens\",\"partition\":0,\"offset\":2,"
                + "\"record\":\"{\\\"token\\\":\\\"said\\\"}\"}",
            "- {\"reason\":\"missing-field\",\"detail\":\"key: missing: expected it in the value or"
                + " as the record's key\",\"topic\":\"keys-tokens\",\"partition\":0,\"offset\":6,"
                + "\"record\":null}");
    assertThat(found.get(2))
        .containsExactly("000000000000002a {\"key\":\"42\",\"t\":2,\"why\":\"tombstone\"}");
  }

  /** The first token of a record is not late because a later one has moved the watermark. */
  @Test
  void theElementsOfARecordAreTakenInTheOrderOfTheirTimes() throws Exception {
    String topic = "each-tokens";
    String json =
        "{\"user\":\"u\",\"events\":[{\"w\":\"said\",\"at\":3000,\"n\":3},"
            + "{\"w\":\"said\",\"at\":1000,\"n\":1},{\"at\":2500},{\"w\":\"said\",\"at\":2000,\"n\":2}]}";
    record(topic, null, json, "device=6431", "id=00");
    String late = "{\"user\":\"u\",\"events\":[{\"w\":\"said\",\"at\":1500,\"n\":9}]}";
    record(topic, null, late, "device=6431");
    record(topic, null, "{\"user\":\"u\",\"events\":[]}", "device=6431");
    List<List<String>> found =
        run(
            "each",
            "each: /events, fields: {key: [^/user, \"header:device\"], token: /w, timestamp: /at,"
                + " seq: /n}",
            """
            sequence: {order: timestamp, max_out_of_orderness: 0}
            output: {fields: [seq], headers: [id]}
            """,
            3,
            2,
            0);
    String key = HexFormat.of().formatHex("[\"u\",\"d1\"]".getBytes(UTF_8));
    String start = key + " id=00 {\"key\":\"[\\\"u\\\",\\\"d1\\\"]\",\"t\":";
    assertThat(found.get(0))
        .containsExactly(start + "1,\"seq\":1}", start + "2,\"seq\":2}", start + "3,\"seq\":3}");
    assertThat(found.get(1)).hasSize(2);
    assertThat(found.get(1))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("- device=6431 id=00 {\"reason\":\"missing-field\"")
                    .contains(
                        "\"offset\":0,\"element\":2,\"record\":\""
                            + json.replace("\"", "\\\"")
                            + "\"}"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("- device=6431 {\"reason\":\"late\"")
                    .contains("\"offset\":1,\"element\":0,"));
  }
}
