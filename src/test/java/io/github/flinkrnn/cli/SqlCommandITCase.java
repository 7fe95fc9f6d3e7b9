package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.job.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code jobs/run.sh sql}: statements, the rows of queries, and what it says of mistakes. */
class SqlCommandITCase {
  private static final String TABLE =
      """
      CREATE TABLE tokens (
        key STRING, token STRING, features ARRAY<FLOAT>, ts BIGINT,
        pt AS PROCTIME(), rt AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR rt AS rt
      ) WITH ('connector' = 'filesystem', 'path' = 'PATH', 'format' = 'json');
      """;
  private static final String MODEL = "jobs/name-tagging/model";

  @TempDir private Path directory;

  private List<String> run(String script) throws Exception {
    Path tokens = directory.resolve("tokens.jsonl");
    Files.writeString(
        tokens,
        """
        {"key":"a","token":"Mr.","ts":1}
        {"key":"a","token":null,"ts":2}
        {"key":"b","token":"Teddy","ts":3}
        {"key":"a","token":"Watson","ts":4}
        """);
    Path file = directory.resolve("a.sql");
    Files.writeString(file, script.replace("PATH", tokens.toString()).replace("MODEL", MODEL));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SqlCommand(file.toString(), new PrintStream(out, true, UTF_8)).run();
    return out.toString(UTF_8).lines().toList();
  }

  @Test
  void printsTheRowsOfAQueryAsJson() throws Exception {
    List<String> rows =
        run(
            "-- one; statement\nSET 'parallelism.default' = '1';\n"
                + TABLE
                + "SELECT key, RNN('MODEL', token) OVER (PARTITION BY key ORDER BY pt ROWS BETWEEN"
                + " UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM tokens");
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "{\"key\":\"a\",\"y\":{\"t\":1,\"label\":\"O\",\"prediction\":[0.9657656,0.034234397]}}",
            "{\"key\":\"a\",\"y\":null}",
            "{\"key\":\"b\",\"y\":{\"t\":1,\"label\":\"O\",\"prediction\":[0.5494682,0.45053175]}}",
            "{\"key\":\"a\",\"y\":{\"t\":2,\"label\":\"PER\",\"prediction\":[0.013131042,0.986869]}}");
  }

  /** Each format that the documentation names is there. Avro and CSV files are written and read. */
  @Test
  void hasConnectorsAndFormats() throws Exception {
    StringBuilder script = new StringBuilder("SET 'execution.runtime-mode' = 'batch';\n");
    for (String format : List.of("json", "avro", "csv")) {
      String name = format + "_file";
      script.append(
          ("CREATE TABLE " + name + " (k STRING, n BIGINT) WITH ('connector' = 'filesystem', ")
              + ("'path' = '" + directory.resolve(name) + "', 'format' = '" + format + "');\n")
              + ("INSERT INTO " + name + " VALUES ('" + format + "', 7);\n")
              + ("SELECT * FROM " + name + ";\n"));
    }
    script.append(
        "EXPLAIN ESTIMATED_COST SELECT k FROM csv_file;\n"
            + "CREATE TABLE topic (k STRING, f ARRAY<FLOAT>) WITH ('connector' = 'kafka', 'topic' ="
            + " 'x', 'properties.bootstrap.servers' = '127.0.0.1:1', 'scan.startup.mode' ="
            + " 'earliest-offset', 'format' = 'avro-confluent', 'avro-confluent.url' ="
            + " 'http://127.0.0.1:1');\nEXPLAIN INSERT INTO topic SELECT k, ARRAY[CAST(n AS FLOAT)]"
            + " FROM csv_file;");
    List<String> printed = run(script.toString());
    assertThat(printed.subList(0, 3))
        .containsExactly(
            "{\"k\":\"json\",\"n\":7}", "{\"k\":\"avro\",\"n\":7}", "{\"k\":\"csv\",\"n\":7}");
    assertThat(printed.subList(3, printed.size()))
        .contains("== Optimized Physical Plan ==")
        .anyMatch(line -> line.startsWith("Sink(table=[default_catalog.default_database.topic]"));
  }

  @Test
  void runsStatementSetsAndPrintsEveryType() throws Exception {
    List<String> printed =
        run(
            "SET 'table.local-time-zone' = 'UTC';\n"
                + "CREATE TABLE a (k STRING) WITH ('connector' = 'blackhole');\n"
                + "EXECUTE STATEMENT SET BEGIN INSERT INTO a VALUES ('x;'); INSERT INTO a VALUES"
                + " ('END'); END;\n"
                + "SHOW TABLES;\n"
                + "SELECT TRUE AS b, CAST(1.5 AS FLOAT) AS f, CAST('NaN' AS DOUBLE) AS d, 1.50 AS n,"
                + " CAST(NULL AS INT) AS i, ARRAY[1, 2] AS a, MAP['x', 1] AS m, ROW(1, 'y') AS r,"
                + " X'00FF' AS y, DATE '2026-11-26' AS da, TIMESTAMP '2026-11-26 01:02:03' AS ts,"
                + " TO_TIMESTAMP_LTZ(0, 3) AS lt;\n"
                + "SELECT COUNT(*) AS c FROM (VALUES (1), (2))");
    assertThat(printed)
        .containsExactly(
            "a",
            "{\"b\":true,\"f\":1.5,\"d\":\"NaN\",\"n\":1.50,\"i\":null,\"a\":[1,2],\"m\":{\"x\":1},"
                + "\"r\":{\"EXPR$0\":1,\"EXPR$1\":\"y\"},\"y\":\"AP8=\",\"da\":\"2026-11-26\","
                + "\"ts\":\"2026-11-26T01:02:03\",\"lt\":\"1970-01-01T00:00:00Z\"}",
            "{\"c\":1}",
            "{\"op\":\"-U\",\"c\":1}",
            "{\"op\":\"+U\",\"c\":2}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '#',
      value = {
        "SELECT RNN('nowhere', token) OVER w FROM tokens WINDOW w AS (PARTITION BY key ORDER BY pt)~6:15: RNN: nowhere: expected one of model.safetensors, parameters.json, model.onnx, model.keras, model.h5, model.weights.h5 in the model directory, found none",
        "SELECT RNN('MODEL', features) OVER (PARTITION BY key ORDER BY pt) FROM tokens~6:15: RNN: jobs/name-tagging/model: expected a STRING, because the model reads words, found ARRAY<FLOAT>",
        "SELECT RNN(token, token) OVER (PARTITION BY key ORDER BY pt) FROM tokens~6:15: RNN: expected a literal as the first argument",
        "SELECT RNN('MODEL') OVER (PARTITION BY key ORDER BY pt) FROM tokens~6:22: No match found for function signature RNN(<CHARACTER>). Supported signatures are: RNN(model STRING LITERAL, input STRING | ARRAY<FLOAT> | ROW<...>)",
        "SELECT RNN('MODEL', token) OVER (PARTITION BY key ORDER BY pt ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM tokens~6:15: RNN: expected OVER (PARTITION BY … ORDER BY … ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), found another frame",
        "SELECT RNN('MODEL', token) FROM tokens~6:22: OVER clause is necessary for window functions",
        "SELECT RNN('MODEL', token) OVER (PARTITION BY key ORDER BY pt) FROM (SELECT key, MAX(token) AS token, PROCTIME() AS pt FROM tokens GROUP BY key)~6:15: expected an input whose rows are only inserted: StreamPhysicalOverAggregate doesn't support consuming update changes which is produced by node GroupAggregate(groupBy=[key], select=[key, MAX(token) AS token])",
        "SELECT RNN('MODEL', token) OVER (PARTITION BY key ORDER BY rt) FROM tokens~6:15: RNN: expected ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, found RANGE over row time, which gives all rows of one time the same prediction",
        "SELECT RNN('MODEL', token) OVER (PARTITION BY key ORDER BY ts) FROM tokens~6:15: RNN: expected ORDER BY a time attribute, found another column",
        "SELECT RNN('MODEL', token) OVER (PARTITION BY key ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM tokens~6:15: RNN: expected ORDER BY a time attribute, found another column",
        "INSERT INTO nowhere SELECT token FROM tokens~6:15: Cannot find table '`default_catalog`.`default_database`.`nowhere`' in any of the catalogs [default_catalog], nor as a temporary table.",
        "SELECT RNM('MODEL', token) OVER (PARTITION BY key ORDER BY pt) FROM tokens~6:22: No match found for function signature RNM(<CHARACTER>, <CHARACTER>)",
        "SELECT FROM tokens~6:22: Incorrect syntax near the keyword 'FROM'.",
        "SELECT wordd FROM tokens~6:22: Column 'wordd' not found in any table",
        "SET parallelism = 3~6:15: expected SET 'option' = 'value'",
        "SET 'execution.runtime-mode' = 'batch'~6:15: SET 'execution.runtime-mode': expected before other statements",
        "BEGIN STATEMENT SET~6:15: expected a statement that Flink's Table API can run, such as CREATE, SET, EXPLAIN, SELECT, INSERT or EXECUTE STATEMENT SET BEGIN … END",
      })
  void saysWhereAMistakeIs(String statement, String message) {
    assertThatThrownBy(() -> run(TABLE + "\n  /* there */ " + statement + ";"))
        .isInstanceOf(UsageException.class)
        .hasMessage(directory.resolve("a.sql") + ":" + message);
  }
}
