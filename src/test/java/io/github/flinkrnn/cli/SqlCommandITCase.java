package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.job.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
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

  private static SqlCommand withTable; // for statements that are not run

  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(4);

  @TempDir private Path directory;

  @BeforeAll
  static void createTheTable() throws Exception {
    withTable = new SqlCommand("a.sql", new PrintStream(OutputStream.nullOutputStream(), true));
    withTable.run(SqlScript.statements(TABLE).get(0));
  }

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

  @Test
  void saysThatStepsAreForStreaming() {
    String query =
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL')";
    assertThatThrownBy(() -> run("SET 'execution.runtime-mode' = 'batch';\n" + TABLE + query + ";"))
        .hasMessageEndingWith(
            "RNN_STEPS: expected streaming mode, because Flink has no process table functions in"
                + " batch mode; RNN in OVER has both");
  }

  @Test
  void stepsHaveTheHeadsOfTheModelAndTheOptionsOfAJobFile() throws Exception {
    List<String> rows =
        run(
            "SET 'parallelism.default' = '1';\n"
                + TABLE
                + "SELECT * FROM RNN_STEPS(input => (SELECT key, ts, rt, 'open' AS token, TRUE AS"
                + " `end` FROM tokens WHERE key = 'b') PARTITION BY key, model =>"
                + " 'src/test/resources/pytorch-fields/word-heads/model', on_time =>"
                + " DESCRIPTOR(rt), options => MAP['output.fields', 'timestamp,label,prediction',"
                + " 'output.top_k.next', '1', 'sequence.generate.max', '1', 'output.carry',"
                + " 'ts']);");
    assertThat(rows)
        .containsExactly(
            "{\"key\":\"b\",\"t\":1,\"timestamp\":3,\"outputs\":{\"next\":{\"label\":\"check\",\"top\":[{\"label\":"
                + "\"check\",\"prediction\":0.22827227}]},\"remaining\":{\"prediction\":[12.983828]}},"
                + "\"generated\":false,\"ts\":3,\"rowtime\":\"1970-01-01T00:00:00.003Z\"}",
            "{\"key\":\"b\",\"t\":2,\"timestamp\":null,\"outputs\":{\"next\":{\"label\":\"check\",\"top\":[{\"label\":"
                + "\"check\",\"prediction\":0.2252188}]},\"remaining\":{\"prediction\":[12.928107]}},"
                + "\"generated\":true,\"ts\":3,\"rowtime\":\"1970-01-01T00:00:00.003Z\"}");
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
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'nowhere')~6:15: RNN_STEPS: nowhere: expected one of model.safetensors, parameters.json, model.onnx, model.keras, model.h5, model.weights.h5 in the model directory, found none",
        "SELECT RNN('MODEL-look-ahead', token) OVER (PARTITION BY key ORDER BY pt) FROM tokens~6:15: RNN: jobs/name-tagging/model-look-ahead: expected a model that reads from left to right, because RNN cannot wait for later rows, found a bidirectional one; RNN_STEPS takes it, with sequence.look_ahead",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL-look-ahead')~6:15: RNN_STEPS: jobs/name-tagging/model-look-ahead: sequence.look_ahead: missing: expected a number of tokens or end, because the model is bidirectional",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL-look-ahead', options => MAP['sequence.look_ahead', '2', 'sequence.look_ahead_timeout', '5s'])~6:15: RNN_STEPS: options: sequence.look_ahead_timeout: expected only with on_time => DESCRIPTOR(…)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, modell => 'MODEL')~6:29: expected every argument that is not optional, by its name; those of RNN_STEPS are input and model (optional: options, on_time, uid)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens, model => 'MODEL')~6:15: Table argument 'input' requires a PARTITION BY clause for parallel processing.",
        "SELECT * FROM RNN_STEPS(input => (SELECT key, token AS tokn FROM tokens) PARTITION BY key, model => 'MODEL')~6:15: RNN_STEPS: input: expected a column token, because the model reads words; found key, tokn (did you mean tokn?)",
        "SELECT * FROM RNN_STEPS(input => (SELECT key, features AS token FROM tokens) PARTITION BY key, model => 'MODEL')~6:15: RNN_STEPS: token: expected a STRING, because the model reads words, found ARRAY<FLOAT>",
        "SELECT * FROM RNN_STEPS(input => (SELECT key, MAX(token) AS token FROM tokens GROUP BY key) PARTITION BY key, model => 'MODEL')~6:15: expected an input whose rows are only inserted: StreamPhysicalProcessTableFunction doesn't support consuming update changes which is produced by node GroupAggregate(groupBy=[key], select=[key, MAX(token) AS token])",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['sequence.idle_timeout', '30m'])~6:15: RNN_STEPS: options: sequence.idle_timeout: expected only with on_time => DESCRIPTOR(…)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['sequence.order', 'timestamp'])~6:15: RNN_STEPS: options: sequence.order: expected only with on_time => DESCRIPTOR(…)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', on_time => DESCRIPTOR(rt), options => MAP['sequence.order', 'seq'])~6:15: RNN_STEPS: input: expected a column seq, because of sequence.order or sequence.deduplicate; found key, token, features, ts, pt, rt (did you mean key?)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['sequence.max_lenght', '3'])~6:15: RNN_STEPS: options: sequence.max_lenght: unknown field (did you mean max_length?); expected order, idle_timeout, idle_time, max_out_of_orderness, idle_partition, max_ahead, max_wait, max_buffered, on_gap, first_seq, deduplicate, max_length, start_token, end_token, window, generate, look_ahead, look_ahead_timeout",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', on_time => DESCRIPTOR(rt), options => MAP['sequence.idle_time', 'event'])~6:15: RNN_STEPS: options: sequence.idle_time: expected only in a job file; here idle_timeout is in event time",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['idle_timeout', '3m'])~6:15: RNN_STEPS: options: idle_timeout: expected an option like sequence.idle_timeout or output.fields",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['output.fields', 'label,predictions'])~6:15: RNN_STEPS: options: output.fields[1]: expected token or label or prediction or logits or hidden or surprise or rank or error or seq or timestamp or model, found 'predictions' (did you mean prediction?)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['output.rejects', 'row'])~6:15: RNN_STEPS: options: output.rejects: expected none or rows, found 'row' (did you mean rows?)",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['output.carry', 'tokn'])~6:15: RNN_STEPS: options: output.carry: expected a column of the input, found tokn (did you mean token?)",
        "SELECT * FROM RNN_STEPS(input => (SELECT key AS t, token FROM tokens) PARTITION BY t, model => 'MODEL')~6:15: RNN_STEPS: input: expected columns of different names in the result, found two named t",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['output.emit', '{above: 0.5, of: next}'])~6:15: RNN_STEPS: jobs/name-tagging/model: output.emit.of: expected a model with outputs, found one head",
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'MODEL', options => MAP['output.carry', 'pt'])~6:15: RNN_STEPS: options: output.carry: expected a column with a value, found the processing time pt; CAST it AS TIMESTAMP_LTZ(3) in the input",
        "SELECT * FROM RNN_STEPS(input => (SELECT key, token, pt AS `timestamp` FROM tokens) PARTITION BY key, model => 'MODEL')~6:15: RNN_STEPS: timestamp: expected a TIMESTAMP with a value, or a BIGINT of epoch milliseconds, found TIMESTAMP_LTZ(3) NOT NULL *PROCTIME*",
        "SELECT * FROM RNN_STEPS(input => (SELECT key, token, rt, ts AS rowtime FROM tokens) PARTITION BY key, model => 'MODEL', on_time => DESCRIPTOR(rt), options => MAP['output.carry', 'rowtime'])~6:15: RNN_STEPS: options: output.carry: expected columns of different names in the result, found two named rowtime",
      })
  void saysWhereAMistakeIs(String statement, String message) {
    List<SqlScript.Statement> script =
        SqlScript.statements(TABLE + "\n  /* there */ " + statement.replace("MODEL", MODEL) + ";");
    assertThatThrownBy(() -> withTable.run(script.get(1)))
        .isInstanceOf(UsageException.class)
        .hasMessage("a.sql:" + message);
  }
}
