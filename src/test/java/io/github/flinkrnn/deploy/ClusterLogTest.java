package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The logs of the cluster of docker-compose.yml are JSON, whatever is logged. */
class ClusterLogTest {
  private static final String TEXT = "a \"quoted\" \\ text\n\tin {lines} \u00e9 \u0007";

  private static final String CONTROLS = "a\u007fb\u009bc\u202ed\u2066e\u2028f";

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

  /** JSON may contain these unescaped, but a terminal that shows the log must not receive them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/deploy/flink/log4j-console.properties",
        "src/deploy/flink/log4j-cli.properties"
      })
  void noCharacterOfALineControlsATerminal(String file) throws Exception {
    List<String> lines = logged(file, CONTROLS);

    assertThat(lines).hasSize(2).noneMatch(Shown::hasControl);
    assertThat(new JsonMapper().readTree(lines.get(0)).get("message").asString())
        .isEqualTo("a\u007fb\u009bc?d?e?f");
    assertThat(new JsonMapper().readTree(lines.get(1)).get("exception").asString())
        .startsWith("java.lang.IllegalStateException: a\u007fb\u009bc?d?e?f");
  }

  @Test
  void theLaunchersLogEscapesThem() throws Exception {
    List<String> lines = logged("src/main/resources/flink-rnn-log4j2-json.properties", CONTROLS);

    assertThat(lines).hasSize(2).noneMatch(Shown::hasControl);
    assertThat(lines.get(0)).contains("\"message\":\"a\\u007Fb\\u009Bc\\u202Ed\\u2066e\\u2028f\"");
    assertThat(new JsonMapper().readTree(lines.get(0)).get("message").asString())
        .isEqualTo(CONTROLS);
  }

  /**
   * In the text format, a message or a stack trace must not contain a line that looks like an
   * entry.
   */
  @Test
  void theLaunchersTextLogHasNoLineThatWasNotLogged() throws Exception {
    String forged = "a\u001b[2J\u009b\n12:00:00,000 ERROR forged";
    List<String> lines = logged("src/main/resources/flink-rnn-log4j2.properties", forged);

    assertThat(lines).noneMatch(line -> Shown.hasControl(line.replace("\t", "")));
    List<String> entries = lines.stream().filter(line -> !line.startsWith("    ")).toList();
    assertThat(entries).hasSize(2);
    assertThat(entries.get(0))
        .matches("\\d\\d:\\d\\d:\\d\\d,\\d{3} WARN  s.Logger +a\\\\u001B\\[2J\\\\u009B");
    assertThat(entries.get(1)).matches("\\d\\d:.* ERROR s.Logger +it failed");
    assertThat(lines.get(1)).isEqualTo("    12:00:00,000 ERROR forged");
    assertThat(lines.get(3)).isEqualTo("    java.lang.IllegalStateException: a\\u001B[2J\\u009B");
    assertThat(lines.get(4)).isEqualTo("    12:00:00,000 ERROR forged");
    assertThat(lines.get(5)).startsWith("    \tat " + getClass().getName());
  }

  /** A client of Kafka warns with each of its requests while a topic does not exist. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/deploy/flink/log4j-console.properties",
        "src/main/resources/flink-rnn-log4j2.properties",
        "src/main/resources/flink-rnn-log4j2-json.properties"
      })
  void whatKafkasClientsRepeatIsLimited(String file) throws Exception {
    Path log = directory.resolve("some.log");
    System.setProperty("log.file", log.toString());
    System.setProperty("flink-rnn.log", log.toString());
    try (LoggerContext logging = new LoggerContext("test")) {
      logging.setConfigLocation(Path.of(file).toUri());
      logging.start();
      for (int i = 0; i < 10_000; i++) {
        logging.getLogger("org.apache.kafka.clients.NetworkClient").warn("unknown topic {}", i);
        logging.getLogger("org.apache.kafka.clients.consumer.internals.A").error("offset {}", i);
      }
      logging.getLogger("io.github.flinkrnn.kafka.TopicWatch").info("not limited");
    } finally {
      System.clearProperty("log.file");
      System.clearProperty("flink-rnn.log");
    }
    List<String> lines = Files.readAllLines(log);
    assertThat(lines).last().asString().contains("not limited");
    assertThat(lines).hasSizeBetween(50, 400).first().asString().contains("unknown topic 0");
  }

  /** Flink warns of it at each start of a job with two sinks; nothing can be done about it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/deploy/flink/log4j-console.properties",
        "src/deploy/flink/log4j-cli.properties",
        "src/main/resources/flink-rnn-log4j2.properties",
        "src/main/resources/flink-rnn-log4j2-json.properties"
      })
  void onlyTheKnownWarningOfFlinksMetricsIsDropped(String file) throws Exception {
    String known =
        "Name collision: Group already contains a Metric with the name 'pendingCommittables'."
            + " Metric will not be reported.[some, scope]";
    String another = known.replace("pendingCommittables", "steps");
    List<String> lines =
        logged(
            file,
            logging -> {
              logging.getLogger("org.apache.flink.metrics.MetricGroup").warn(known);
              logging.getLogger("org.apache.flink.metrics.MetricGroup").warn(another);
              logging.getLogger("org.apache.flink.metrics.MetricGroup").info("a line");
              logging.getLogger("some.Logger").warn(known);
            });

    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("'steps'");
    assertThat(lines.get(1)).contains("a line");
    assertThat(lines.get(2)).contains("ogger", "pendingCommittables");
  }

  private List<String> logged(String file) throws Exception {
    return logged(file, TEXT);
  }

  /** What the appender of a file writes for a warning, and for an error with an exception. */
  private List<String> logged(String file, String text) throws Exception {
    return logged(
        file,
        logging -> {
          logging.getLogger("some.Logger").warn(text);
          logging.getLogger("some.Logger").error("it failed", new IllegalStateException(text));
        });
  }

  private List<String> logged(String file, Consumer<LoggerContext> what) throws Exception {
    Path log = directory.resolve("some.log");
    System.setProperty("log.file", log.toString());
    System.setProperty("flink-rnn.log", log.toString());
    try (LoggerContext logging = new LoggerContext("test")) {
      logging.setConfigLocation(Path.of(file).toUri());
      logging.start();
      what.accept(logging);
    } finally {
      System.clearProperty("log.file");
      System.clearProperty("flink-rnn.log");
    }
    return Files.readAllLines(log);
  }
}
