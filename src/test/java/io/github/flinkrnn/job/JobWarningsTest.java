package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each suspicious part of a job file gives one line, and nothing else does. */
class JobWarningsTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @Test
  void aNormalJobHasNone() {
    assertThat(JobWarnings.of(files.read(JobFiles.MINIMAL))).isEmpty();
    assertThat(JobWarnings.of(files.read(JobFiles.nameTagging()))).isEmpty();
  }

  @Test
  void eachMisspeltOptionIsALine() {
    String yaml =
        JobFiles.MINIMAL
            + """
            flink:
              parallelism: {defalt: 2}
              execution.checkpointing.interval: 1s
              state.backend.typ: rocksdb
            """;
    assertThat(JobWarnings.of(files.read(yaml)))
        .containsExactly(
            files.path()
                + ": flink.parallelism.defalt: unknown Flink option (did you mean"
                + " parallelism.default?)",
            files.path()
                + ": flink.state.backend.typ: unknown Flink option (did you mean"
                + " state.backend.type?)");
  }

  /** Kafka's own options, those of Flink's connector and of plug-ins are none. */
  @Test
  void eachMisspeltOptionOfKafkaIsALine() {
    String yaml =
        """
        name: tags
        model: jobs/name-tagging/model
        source:
          type: kafka
          topic: tokens
          properties:
            bootstrap.servers: localhost:9092
            bootstrap.server: localhost:9093
            max.poll.record: 10
            partition.discovery.interval.ms: 60000
            interceptor.of.ones.own: x
        sink:
          type: kafka
          topic: predictions
          properties: {bootstrap.servers: localhost:9092, linger.sm: 5, acks: all, awk: x}
        """;
    String may = ": unknown Kafka option (did you mean ";
    assertThat(JobWarnings.of(files.read(yaml)))
        .containsExactlyInAnyOrder(
            files.path() + ": source.properties.bootstrap.server" + may + "bootstrap.servers?)",
            files.path() + ": source.properties.max.poll.record" + may + "max.poll.records?)",
            files.path() + ": sink.properties.linger.sm" + may + "linger.ms?)");
  }

  /** On a cluster, the warning is printed before any error that stops the job. */
  @Test
  void theJobsOwnMainSaysThem() throws Exception {
    Path file = Files.writeString(directory.resolve("job.yaml"), JobFiles.MINIMAL);
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, UTF_8));
    try {
      String[] words = {"--job", file.toString(), "--set", "flink.state.backend.typ=rocksdb"};
      assertThatThrownBy(() -> RnnJob.main(words)).isInstanceOf(InvalidFileException.class);
    } finally {
      System.setErr(err);
    }
    assertThat(said.toString(UTF_8).lines())
        .hasSize(2)
        .first()
        .isEqualTo(
            "flink-rnn: warning: "
                + file
                + ": flink.state.backend.typ: unknown Flink option (did you mean"
                + " state.backend.type?)");
  }
}
