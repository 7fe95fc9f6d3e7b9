package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The second argument of {@code RNN}: arrays of numbers and rows of fields, and NULL in them. */
@Timeout(300)
class RnnInputsITCase {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/gru");
  private static final Path FRAUD = Path.of("jobs/card-fraud");
  private static final String PAYMENT =
      "CAST(ROW(merchant, country, amount, `hour`, segment, TO_TIMESTAMP_LTZ(ts, 0)) AS ROW<merchant"
          + " STRING, country STRING, amount DOUBLE, `hour` INT, segment STRING, `timestamp`"
          + " TIMESTAMP_LTZ(3)>)";

  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(4);

  @TempDir private Path directory;

  private static TableEnvironment sql() {
    TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    sql.getConfig().set("parallelism.default", "1");
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    return sql;
  }

  /** The predictions of a query, in order: NULL, or t and the bits of y&lt;t&gt;. */
  @SuppressWarnings("try") // a test may be interrupted
  private static List<String> rows(TableEnvironment sql, String query) throws Exception {
    List<String> rows = new ArrayList<>();
    try (CloseableIterator<Row> found = sql.sqlQuery(query).execute().collect()) {
      while (found.hasNext()) {
        Row y = found.next().getFieldAs("y");
        rows.add(
            y == null
                ? "NULL"
                : y.getField("t") + " " + Arrays.toString(y.<Float[]>getFieldAs("prediction")));
      }
    }
    return rows;
  }

  @SuppressWarnings("try") // a test may be interrupted
  private static List<String> operator(Path model, List<Token> tokens) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    List<String> rows = new ArrayList<>();
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(model.toString()).withFields(OutputField.PREDICTION);
    try (CloseableIterator<Prediction> found =
        function.applyTo(env.fromData(tokens).keyBy(Token::key)).executeAndCollect()) {
      found.forEachRemaining(p -> rows.add(p.t() + " " + Arrays.toString(p.prediction())));
    }
    return rows;
  }

  private static List<JsonNode> records(Path file) throws Exception {
    List<JsonNode> records = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      records.add(new JsonMapper().readTree(line));
    }
    return records;
  }

  private static void table(TableEnvironment sql, Path file, String columns) {
    sql.executeSql(
        "CREATE TABLE records ("
            + columns
            + ") WITH ('connector' = 'filesystem', 'path' = '"
            + file.toAbsolutePath()
            + "', 'format' = 'json')");
  }

  /** The tokens of the golden GRU; adds each as a line of JSON. */
  private static List<Token> golden(List<String> lines) throws Exception {
    List<Token> tokens = new ArrayList<>();
    for (JsonNode record : records(GOLDEN.resolve("tokens.jsonl"))) {
      float[] features = new float[record.get("features").size()];
      for (int i = 0; i < features.length; i++) {
        features[i] = (float) record.get("features").get(i).asDouble();
      }
      tokens.add(Token.of("k", features));
      lines.add("{\"n\":" + lines.size() + ",\"features\":" + Arrays.toString(features) + "}");
    }
    return tokens;
  }

  @ParameterizedTest
  @CsvSource({"FLOAT", "DOUBLE", "FLOAT NOT NULL"})
  void takesArraysOfNumbers(String type) throws Exception {
    List<String> lines = new ArrayList<>();
    List<Token> tokens = golden(lines);
    TableEnvironment sql = sql();
    table(
        sql,
        Files.write(directory.resolve("in.jsonl"), lines),
        "n INT, features ARRAY<" + type + ">");
    assertThat(
            rows(
                sql,
                "SELECT RNN('"
                    + GOLDEN
                    + "/model', features) OVER (PARTITION BY 1 ORDER BY n ROWS"
                    + " BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM records"))
        .isEqualTo(operator(GOLDEN.resolve("model"), tokens));
  }

  /** A state that Flink keeps with the time of its last use is the same state. */
  @Test
  void keepsTheStateForTheTimeThatFlinkAllows() throws Exception {
    List<String> lines = new ArrayList<>();
    List<Token> tokens = golden(lines);
    TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    sql.getConfig().set("parallelism.default", "1").set("table.exec.state.ttl", "30 d");
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    table(
        sql,
        Files.write(directory.resolve("in.jsonl"), lines),
        "n INT, features ARRAY<FLOAT>, arrival AS PROCTIME()");
    assertThat(
            rows(
                sql,
                "SELECT RNN('"
                    + GOLDEN
                    + "/model', features) OVER (PARTITION BY 1 ORDER BY arrival ROWS"
                    + " BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM records"))
        .isEqualTo(operator(GOLDEN.resolve("model"), tokens));
  }

  /** Flink uses one object for all calls in a window. */
  @Test
  void givesEachCallInAWindowItsResult() throws Exception {
    TableEnvironment sql = sql();
    table(
        sql,
        Files.write(
            directory.resolve("in.jsonl"),
            List.of(
                "{\"n\":0,\"a\":\"The\",\"b\":\"was\"}",
                "{\"n\":1,\"a\":null,\"b\":\"man\"}",
                "{\"n\":2,\"a\":\"man\",\"b\":null}")),
        "n INT, a STRING, b STRING");
    String model = "RNN('jobs/name-tagging/model', ";
    String over =
        ") OVER (PARTITION BY 1 ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ";
    String first = model + "a" + over;
    String second = model + "b" + over;
    List<String> ofFirst = rows(sql, "SELECT " + first + "y FROM records");
    List<String> ofSecond = rows(sql, "SELECT " + second + "y FROM records");
    String both = "SELECT " + first + "%s, " + second + "%s FROM records";
    assertThat(ofFirst).hasSize(3).contains("NULL");
    assertThat(rows(sql, both.formatted("y", "z"))).isEqualTo(ofFirst);
    assertThat(rows(sql, both.formatted("z", "y"))).isEqualTo(ofSecond);
  }

  @Test
  void givesNullForWhatItCannotReadAndKeepsTheState() throws Exception {
    String x = "[0.5,1,-1,0.25,0,2]";
    TableEnvironment sql = sql();
    table(
        sql,
        Files.writeString(
            directory.resolve("in.jsonl"),
            ("{\"n\":1,\"features\":" + x + "}\n{\"n\":2}\n{\"n\":3,\"features\":[1,2]}\n")
                + "{\"n\":4,\"features\":[0.5,1,null,0.25,0,2]}\n{\"n\":5,\"features\":[]}\n"
                + ("{\"n\":6,\"features\":" + x + "}\n")),
        "n INT, features ARRAY<FLOAT>");
    List<String> found =
        rows(
            sql,
            "SELECT RNN('"
                + GOLDEN
                + "/model', features) OVER (PARTITION BY 1 ORDER BY n ROWS"
                + " BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM records");
    Token token = Token.of("k", 0.5f, 1, -1, 0.25f, 0, 2);
    List<String> two = operator(GOLDEN.resolve("model"), List.of(token, token));
    assertThat(found).containsExactly(two.get(0), "NULL", "NULL", "NULL", "NULL", two.get(1));
  }

  @Test
  void takesRowsOfFields() throws Exception {
    List<Token> tokens = new ArrayList<>();
    List<String> lines = new ArrayList<>(); // with a column for the order
    for (JsonNode record : records(FRAUD.resolve("tokens.jsonl"))) {
      lines.add(record.toString().replaceFirst("\\{", "{\"n\":" + lines.size() + ","));
      Map<String, Object> fields = new LinkedHashMap<>();
      for (String name : List.of("merchant", "country", "segment")) {
        fields.put(name, record.has(name) ? record.get(name).stringValue() : null);
      }
      fields.put("amount", record.has("amount") ? record.get("amount").asDouble() : null);
      fields.put("hour", record.has("hour") ? record.get("hour").asLong() : null);
      tokens.add(Token.of("k", fields).atTime(record.get("ts").asLong() * 1000));
    }
    TableEnvironment sql = sql();
    table(
        sql,
        Files.write(directory.resolve("in.jsonl"), lines),
        "n INT, ts BIGINT, merchant STRING, country STRING, amount DOUBLE, `hour` INT, segment STRING");
    List<String> found =
        rows(
            sql,
            "SELECT RNN('"
                + FRAUD
                + "/model', "
                + PAYMENT
                + ") OVER (PARTITION BY 1 ORDER BY n"
                + " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM records");
    found.remove("NULL"); // of a payment without an hour
    assertThat(found).hasSizeGreaterThan(100).isEqualTo(operator(FRAUD.resolve("model"), tokens));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "jobs/card-fraud/model|merchant|expected a ROW of the model's fields (merchant, country, amount, elapsed, hour, segment), found STRING",
        "jobs/card-fraud/model|CAST(ROW(merchant) AS ROW<merchent STRING>)|expected a ROW of the model's fields (merchant, country, amount, hour, segment, timestamp), found 'merchent' (did you mean merchant?)",
        "jobs/card-fraud/model|CAST(ROW(merchant) AS ROW<merchant STRING>)|expected the field 'country' in the ROW, found merchant",
        "jobs/card-fraud/model|CAST(ROW(DATE '2026-11-26') AS ROW<merchant DATE>)|expected a string, a number, a boolean or an array of numbers as merchant, found DATE",
        "src/test/resources/golden/gru/model|merchant|expected an ARRAY of the model's 6 features, found STRING",
      })
  void refusesOtherTypesWhilePlanning(String model, String input, String message) {
    TableEnvironment sql = sql();
    table(sql, FRAUD.resolve("tokens.jsonl"), "ts BIGINT, merchant STRING");
    assertThatThrownBy(
            () ->
                sql.sqlQuery(
                    "SELECT RNN('"
                        + model
                        + "', "
                        + input
                        + ") OVER (PARTITION BY 1 ORDER BY ts)"
                        + " FROM records"))
        .satisfies(
            failure -> {
              Throwable cause = failure;
              while (cause.getCause() != null) {
                cause = cause.getCause();
              }
              assertThat(cause)
                  .isInstanceOf(ValidationException.class)
                  .hasMessage("RNN: " + model + ": " + message);
            });
  }
}
