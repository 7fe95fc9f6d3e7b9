package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The uids of jobs of every shape, as strings. A savepoint finds its states by them, so none may
 * ever change. A sink has a uid, and its committer has another if the sink has transactions.
 */
class JobUidsTest {
  private static final String[] MINIMAL = {
    "source", "decode", "rnn", "encode-predictions", "predictions", "dead-letters"
  };

  @TempDir private Path directory;

  private Set<String> uids(String yaml, String... overrides) {
    JobFile job = new JobFiles(directory).read(yaml, overrides);
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    Set<String> uids = new TreeSet<>();
    for (StreamNode node : env.getStreamGraph().getStreamNodes()) {
      uids.add(Objects.requireNonNull(node.getTransformationUID(), node.getOperatorName()));
    }
    return uids;
  }

  private static String end(String type) {
    return switch (type) {
      case "kafka" -> "{type: kafka, topic: t, properties: {bootstrap.servers: \"a:9092\"}}";
      case "file" -> "{type: file, path: out}";
      default -> "{type: " + type + "}";
    };
  }

  @ParameterizedTest
  @CsvSource({"file, file", "file, print", "kafka, file", "kafka, print"})
  void ofAJobWithoutTransactions(String source, String sink) {
    String yaml = "name: a\nmodel: model\nsource: " + end(source) + "\nsink: " + end(sink) + "\n";
    assertThat(uids(yaml)).containsExactlyInAnyOrder(MINIMAL);
    assertThat(uids(yaml, "dead_letters=" + end("print")))
        .contains(MINIMAL)
        .contains("encode-dead-letters")
        .hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void ofAJobBetweenTopicsWithAllSinks(String delivery) {
    String yaml = "name: a\nmodel: model\nsource: " + end("kafka") + "\nsink: " + end("kafka");
    assertThat(
            uids(
                yaml,
                "sink.delivery=" + delivery,
                "dead_letters=" + end("kafka"),
                "ends=" + end("kafka")))
        .containsExactlyInAnyOrder(
            "source",
            "decode",
            "rnn",
            "encode-predictions",
            "predictions",
            "Sink Committer: predictions",
            "encode-dead-letters",
            "dead-letters",
            "Sink Committer: dead-letters",
            "encode-ends",
            "ends",
            "Sink Committer: ends");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sequence={order: seq, deduplicate: seq}",
        "sequence={order: timestamp}",
        "sequence={idle_timeout: 1h, idle_time: event}",
        "sequence={window: 3}",
        "sequence={generate: {max: 3}}",
        "output={emit: last}",
        "output={emit: {above: 0.9}}",
        "output={emit: {surprise_above: 5}}"
      })
  void noOptionAddsOne(String option) {
    assertThat(uids(JobFiles.MINIMAL, option)).containsExactlyInAnyOrder(MINIMAL);
  }

  @Test
  void endsAddTwo() {
    assertThat(uids(JobFiles.MINIMAL, "ends=" + end("print")))
        .contains(MINIMAL)
        .contains("encode-ends", "ends")
        .hasSize(8);
  }

  @Test
  void areAllNamedInTheOperationsGuide() throws Exception {
    String guide = Files.readString(Path.of("docs/OPERATIONS.md"));
    for (String uid : MINIMAL) {
      assertThat(guide).contains("`" + uid + "`");
    }
    assertThat(guide).contains("`ends`", "`Sink Committer: UID`");
  }
}
