package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.model.RnnModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both SQL functions from the job jar, on a cluster of processes, through Flink's own SQL gateway
 * and client.
 */
@Timeout(300)
class SqlGatewayITCase {
  private static final Path EXAMPLE = Path.of("jobs/name-tagging").toAbsolutePath();

  @TempDir private Path directory;

  @Test
  void runsBothFunctionsFromTheJobJar() throws Exception {
    SequentialReference job = new SequentialReference(RnnModel.load(EXAMPLE.resolve("model")));
    for (String line : Files.readAllLines(EXAMPLE.resolve("tokens.jsonl"))) {
      job.accept(line.getBytes(StandardCharsets.UTF_8));
    }
    int port = FlinkProcesses.freePorts()[0];
    String gateway = "http://127.0.0.1:" + port;
    String options =
        "sql-gateway.endpoint.rest: {address: 127.0.0.1, bind-address: 127.0.0.1, port: %d}%n"
            .formatted(port);
    Path home = Files.createDirectory(directory.resolve("flink"));
    List<String> said;
    try (FlinkProcesses cluster = FlinkProcesses.startWithoutTls(home, options)) {
      cluster.startSqlGateway(gateway);
      said = cluster.runSqlClient(gateway, script());
    }

    String log = String.join("\n", said);
    assertThat(log).contains("Complete execution of the SQL update statement.");
    assertThat(lines("over")).as(log).containsExactlyInAnyOrderElementsOf(job.inOrder());
    assertThat(lines("steps")).as(log).containsExactlyInAnyOrderElementsOf(job.inOrder());
    assertThat(log)
        .contains(
            "org.apache.flink.table.api.ValidationException: RNN_STEPS: nowhere: expected one of"
                + " model.safetensors");
  }

  private Path script() throws Exception {
    Path jar;
    try (Stream<Path> jars = Files.list(Path.of("target"))) {
      jar =
          jars.filter(file -> file.getFileName().toString().matches("flink-rnn-[0-9.]+\\.jar"))
              .findFirst()
              .orElseThrow();
    }
    String sink = "CREATE TABLE NAME (key STRING, t BIGINT, token STRING, label STRING, prediction";
    String files = " ARRAY<FLOAT>) WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '";
    List<String> script =
        List.of(
            "SET 'table.dml-sync' = 'true'",
            "SET 'execution.checkpointing.interval' = '200ms'",
            "CREATE FUNCTION RNN AS 'io.github.flinkrnn.sql.Rnn' USING JAR 'JAR'",
            "CREATE FUNCTION RNN_STEPS AS 'io.github.flinkrnn.sql.RnnSteps' USING JAR 'JAR'",
            "CREATE TABLE tokens (key STRING, token STRING, arrival AS PROCTIME()) WITH ("
                + "'connector' = 'filesystem', 'format' = 'json', 'path' = '"
                + EXAMPLE.resolve("tokens.jsonl")
                + "')",
            sink.replace("NAME", "over_rows") + files + directory.resolve("over") + "')",
            sink.replace("NAME", "steps_rows") + files + directory.resolve("steps") + "')",
            "EXECUTE STATEMENT SET BEGIN INSERT INTO over_rows SELECT key, y.t, token, y.label,"
                + " y.prediction FROM (SELECT *, RNN('MODEL', token) OVER (PARTITION BY key ORDER"
                + " BY arrival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM"
                + " tokens); INSERT INTO steps_rows SELECT * FROM RNN_STEPS(input => TABLE tokens"
                + " PARTITION BY key, model => 'MODEL', options => MAP['output.fields',"
                + " 'token,label,prediction']); END",
            "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY key, model => 'nowhere')");
    return Files.writeString(
        directory.resolve("a.sql"),
        String.join(";\n", script)
                .replace("JAR 'JAR'", "JAR '" + jar.toAbsolutePath() + "'")
                .replace("MODEL", EXAMPLE.resolve("model").toString())
            + ";\n");
  }

  private List<String> lines(String table) throws Exception {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> parts = Files.walk(directory.resolve(table))) {
      for (Path part : parts.filter(Files::isRegularFile).toList()) {
        lines.addAll(Files.readAllLines(part));
      }
    }
    return lines;
  }
}
