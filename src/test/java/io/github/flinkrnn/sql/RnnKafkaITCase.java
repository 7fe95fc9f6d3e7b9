package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * From topic to topic in SQL, exactly once: TaskManagers die twice, and a read_committed consumer
 * still sees each prediction once, in order for each key, with the bits of the steps without Flink.
 */
class RnnKafkaITCase {
  private static final int TOKENS = 20_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path MODEL = Path.of("jobs/name-tagging/model").toAbsolutePath();

  @RegisterExtension
  private static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(1)
              .build());

  @TempDir private Path directory;

  @Test
  void deadTaskManagersNeitherLoseNorRepeatNorChangeAPrediction(
      @InjectMiniCluster MiniCluster cluster) throws Exception {
    List<Map.Entry<String, byte[]>> records = records();
    SequentialReference reference = new SequentialReference(RnnModel.load(MODEL));
    records.forEach(record -> reference.accept(record.getValue()));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(4, "tokens", "predictions", "steps");
      StreamTableEnvironment sql = sql(kafka.address());
      JobClient client =
          sql.executeSql(
                  "EXECUTE STATEMENT SET BEGIN INSERT INTO predictions SELECT key, y.t, y.label,"
                      + (" y.prediction FROM (SELECT key, RNN('" + MODEL + "', token) OVER")
                      + " (PARTITION BY key ORDER BY pt ROWS BETWEEN UNBOUNDED PRECEDING AND"
                      + " CURRENT ROW) AS y FROM tokens); INSERT INTO steps SELECT * FROM"
                      + " RNN_STEPS(input => TABLE tokens PARTITION BY key, model => '"
                      + MODEL
                      + "'); END")
              .getJobClient()
              .orElseThrow();
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions");
          TopicClient steps = new TopicClient(kafka.address(), "steps")) {
        int third = TOKENS / 3;
        for (int i = 0; i < 3; i++) {
          topics.write("tokens", records.subList(i * third, i == 2 ? TOKENS : (i + 1) * third));
          int soon = i * third + 1000;
          topics.readUntil(seen -> seen.size() >= soon, PATIENCE);
          if (i < 2) {
            cluster.terminateTaskManager(i).get();
            cluster.startTaskManager();
          }
        }
        topics.readUntil(seen -> seen.size() >= TOKENS, PATIENCE);
        steps.readUntil(seen -> seen.size() >= TOKENS, PATIENCE);
        client.cancel().get();
        Map<String, List<String>> expected = byKey(reference.inOrder().stream());
        for (TopicClient each : List.of(topics, steps)) {
          List<ConsumerRecord<byte[], byte[]>> seen = each.readToEnd();
          assertThat(seen).hasSize(TOKENS);
          assertThat(byKey(seen.stream().map(record -> new String(record.value(), UTF_8))))
              .isEqualTo(expected);
        }
      }
    }
  }

  private StreamTableEnvironment sql(String servers) {
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", "rocksdb");
    configuration.setString("execution.checkpointing.interval", "200ms");
    configuration.setString("execution.checkpointing.incremental", "true");
    configuration.setString(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    configuration.setString("restart-strategy.type", "fixed-delay");
    configuration.setString("restart-strategy.fixed-delay.attempts", "10");
    configuration.setString("restart-strategy.fixed-delay.delay", "100ms");
    configuration.setString("parallelism.default", "2");
    StreamTableEnvironment sql =
        StreamTableEnvironment.create(
            StreamExecutionEnvironment.getExecutionEnvironment(configuration));
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    sql.createTemporarySystemFunction("RNN_STEPS", RnnSteps.class);
    String with =
        " WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '"
            + servers
            + "', 'format' = 'json', 'topic' = ";
    sql.executeSql(
        "CREATE TABLE tokens (key STRING, token STRING, pt AS PROCTIME())"
            + with
            + "'tokens', 'scan.startup.mode' = 'earliest-offset')");
    for (String topic : List.of("predictions", "steps")) {
      sql.executeSql(
          ("CREATE TABLE "
                  + topic
                  + " (key STRING, t BIGINT, label STRING, prediction ARRAY<FLOAT>)")
              + with
              + ("'" + topic + "', 'key.format' = 'raw', 'key.fields' = 'key',")
              + " 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '"
              + (topic + "', 'properties.transaction.timeout.ms' = '600000')"));
    }
    return sql;
  }

  private static List<Map.Entry<String, byte[]>> records() {
    String[] words = {"Mr.", "Watson", "said", "the", "London", "bears", "zzyzx", ",", "1863", "a"};
    Random random = new Random(22);
    List<Map.Entry<String, byte[]>> records = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      String key = "k" + random.nextInt(200);
      String word = words[random.nextInt(words.length)];
      String json = "{\"key\":\"" + key + "\",\"token\":\"" + word + "\"}";
      records.add(Map.entry(key, json.getBytes(UTF_8)));
    }
    return records;
  }

  /** By key and in order: t, the label and the bits of y&lt;t&gt;. */
  private static Map<String, List<String>> byKey(Stream<String> predictions) {
    Map<String, List<String>> byKey = new TreeMap<>();
    predictions.forEach(
        line -> {
          JsonNode prediction = JSON.readTree(line);
          StringBuilder bits = new StringBuilder();
          prediction
              .get("prediction")
              .forEach(y -> bits.append(' ').append(Float.parseFloat(y.asString())));
          byKey
              .computeIfAbsent(prediction.get("key").asString(), key -> new ArrayList<>())
              .add(prediction.get("t") + " " + prediction.get("label").asString() + bits);
        });
    return byKey;
  }
}
