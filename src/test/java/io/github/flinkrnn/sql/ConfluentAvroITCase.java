package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.RnnModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Avro under a registry of schemas, in and out. The registry is a {@linkplain RegistryStandIn
 * stand-in}; the broker and Flink's formats are real.
 */
@Timeout(300)
class ConfluentAvroITCase {
  private static final Path EXAMPLE = Path.of("jobs/name-tagging").toAbsolutePath();
  private static final JsonMapper JSON = new JsonMapper();

  @RegisterExtension private static final MiniClusterExtension FLINK = MiniClusters.withSlots(1);

  @TempDir private Path directory;

  @Test
  void readsAndWritesRecordsOfARegistry() throws Exception {
    List<String> lines = Files.readAllLines(EXAMPLE.resolve("tokens.jsonl"));
    SequentialReference reference =
        new SequentialReference(RnnModel.load(EXAMPLE.resolve("model")));
    lines.forEach(line -> reference.accept(line.getBytes(UTF_8)));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
        RegistryStandIn registry = new RegistryStandIn()) {
      kafka.createTopics(1, "tokens", "tags");
      TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
      sql.getConfig().set("parallelism.default", "1");
      sql.createTemporarySystemFunction("RNN_STEPS", RnnSteps.class);
      String with =
          " WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '"
              + kafka.address()
              + "', 'format' = 'avro-confluent', 'avro-confluent.url' = '"
              + registry.url()
              + "', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' ="
              + " 'latest-offset', 'topic' = ";
      sql.executeSql("CREATE TABLE tokens (key STRING, token STRING)" + with + "'tokens')");
      sql.executeSql(
          "CREATE TABLE tags (key STRING, t BIGINT, label STRING, prediction ARRAY<FLOAT>)"
              + with
              + "'tags')");
      sql.executeSql("INSERT INTO tokens VALUES " + values(lines)).await();
      sql.executeSql(
              "INSERT INTO tags SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key,"
                  + " model => '"
                  + EXAMPLE.resolve("model")
                  + "')")
          .await();

      assertThat(rows(sql)).isEqualTo(reference.inOrder().stream().map(this::row).toList());
      assertThat(registry.subjects()).containsExactly("tokens-value", "tags-value");
      try (TopicClient topics = new TopicClient(kafka.address(), "tags")) {
        // The format of a registry: a zero, and the number of the schema.
        assertThat(topics.readToEnd())
            .hasSize(lines.size())
            .allSatisfy(
                record -> assertThat(ByteBuffer.wrap(record.value()).getInt(1)).isEqualTo(2))
            .allSatisfy(record -> assertThat(record.value()[0]).isZero());
      }
    }
  }

  private static String values(List<String> lines) {
    List<String> values = new ArrayList<>();
    for (String line : lines) {
      JsonNode record = JSON.readTree(line);
      String token = record.get("token").asString().replace("'", "''");
      values.add("('" + record.get("key").asString() + "', '" + token + "')");
    }
    return String.join(", ", values);
  }

  private String row(String prediction) {
    JsonNode json = JSON.readTree(prediction);
    List<Float> y = new ArrayList<>();
    json.get("prediction").forEach(each -> y.add(Float.parseFloat(each.asString())));
    return json.get("key").asString() + json.get("t") + json.get("label").asString() + y;
  }

  @SuppressWarnings("try") // a test may be interrupted
  private static List<String> rows(TableEnvironment sql) throws Exception {
    List<String> rows = new ArrayList<>();
    try (CloseableIterator<Row> found = sql.sqlQuery("SELECT * FROM tags").execute().collect()) {
      while (found.hasNext()) {
        Row row = found.next();
        rows.add(
            row.<String>getFieldAs("key")
                + row.getField("t")
                + row.getField("label")
                + Arrays.toString(row.<Float[]>getFieldAs("prediction")));
      }
    }
    return rows;
  }
}
