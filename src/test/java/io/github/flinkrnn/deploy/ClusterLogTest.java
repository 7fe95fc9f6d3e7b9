package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The logs of docker-compose.yml's cluster are JSON, whatever is logged. */
class ClusterLogTest {
  private static final String TEXT = "a \"quoted\" \\ text\n\tin {lines} \u00e9 \u0007";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/deploy/flink/log4j-console.properties",
        "src/main/resources/flink-rnn-log4j2-json.properties"
      })
  void aLineIsAnObject(String file) throws Exception {
    ThreadContext.put("job", "name-\"tagging\"");
    ThreadContext.put("flink-job-id", "0a1b");
    ThreadContext.put("model", "model@7");
    List<String> lines;
    try {
      lines = logged(file);
    } finally {
      ThreadContext.clearMap();
    }
    assertThat(lines).hasSize(2);
    JsonNode first = new JsonMapper().readTree(lines.get(0));
    assertThat(first.propertyNames())
        .containsExactly(
            "time", "level", "thread", "logger", "job", "job_id", "model", "message", "exception");
    assertThat(first.get("time").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(first.get("level").asString()).isEqualTo("WARN");
    assertThat(first.get("logger").asString()).isEqualTo("some.Logger");
    assertThat(first.get("job").asString()).isEqualTo("name-\"tagging\"");
    assertThat(first.get("job_id").asString()).isEqualTo("0a1b");
    assertThat(first.get("model").asString()).isEqualTo("model@7");
    assertThat(first.get("message").asString()).isEqualTo(TEXT);
    assertThat(first.get("exception").asString()).isEmpty();
    JsonNode second = new JsonMapper().readTree(lines.get(1));
    assertThat(second.get("exception").asString())
        .startsWith("java.lang.IllegalStateException: " + TEXT)
        .contains("\tat " + getClass().getName());
  }

  @Test
  void theClientsLogIsJsonToo() throws Exception {
    List<String> lines = logged("src/deploy/flink/log4j-cli.properties");

    assertThat(lines).hasSize(2);
    assertThat(new JsonMapper().readTree(lines.get(0)).get("message").asString()).isEqualTo(TEXT);
  }

  /** What a file's appender writes of one warning and one error with an exception. */
  private List<String> logged(String file) throws Exception {
    Path log = directory.resolve("some.log");
    System.setProperty("log.file", log.toString());
    System.setProperty("flink-rnn.log", log.toString());
    try (LoggerContext logging = new LoggerContext("test")) {
      logging.setConfigLocation(Path.of(file).toUri());
      logging.start();
      logging.getLogger("some.Logger").warn(TEXT);
      logging.getLogger("some.Logger").error("it failed", new IllegalStateException(TEXT));
    } finally {
      System.clearProperty("log.file");
      System.clearProperty("flink-rnn.log");
    }
    return Files.readAllLines(log);
  }
}
