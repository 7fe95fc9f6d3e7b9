package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Variables that are used only in parts of the job file that a command replaces need no values. */
class ReplacedTest {
  /**
   * Every endpoint uses variables. Without KAFKA and PASSWORD, the job cannot run between its own
   * topics.
   */
  private static final String YAML =
      """
      name: tagging
      model: "${MODEL:model}"
      source:
        type: "${IN_TYPE:kafka}"
        topic: "${IN_TOPIC}"
        start: "${START}"
        fields: {key: "${KEY:/user}"}
        properties:
          bootstrap: {servers: "${KAFKA}"}
          sasl.jaas.config: "password=${PASSWORD}"
          ssl: {truststore: {location: "${TRUSTED}"}}
          max.poll.records: "${POLL:7}"
      sink: {type: "${OUT_TYPE:kafka}", topic: "${OUT:out}", properties: {bootstrap.servers: "${KAFKA}"}}
      dead_letters: {type: "${DEAD_TYPE:kafka}", topic: dead, properties: {bootstrap.servers: "${KAFKA}"}}
      ends: {type: kafka, topic: ends, properties: {bootstrap.servers: "${KAFKA}"}}
      """;

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  private JobFile read(Replaced replaced, String... overrides) {
    return files.read(YAML, replaced, overrides);
  }

  private String mistake(Replaced replaced, String... overrides) {
    return InvalidFile.message(() -> read(replaced, overrides))
        .substring(files.path().length() + 2);
  }

  @Test
  void withoutAReplacementEachNeedsAValue() {
    assertThat(mistake(Replaced.NOTHING))
        .isEqualTo("source.topic: the environment variable IN_TOPIC is not set");
  }

  @Test
  void betweenFilesNoVariableOfATopicNeedsAValue() {
    JobFile job = read(Replaced.ENDS);

    assertThat(job.sinks().keySet()).containsExactly("sink");
    assertThat(job.source()).isEqualTo(new SourceSpec.File("-"));
    assertThat(job.sink()).isEqualTo(new SinkSpec.Print(false));
    assertThat(job.fields().pointers()).isEqualTo(Map.of("key", "/user"));
  }

  @Test
  void whatRemainsStillNeedsItsVariables() {
    assertThat(mistake(Replaced.ENDS, "model=${WHERE}/model"))
        .isEqualTo("model: the environment variable WHERE is not set");
    assertThat(mistake(Replaced.ENDS, "source.fields.token=${WHERE}"))
        .isEqualTo("source.fields.token: the environment variable WHERE is not set");
    assertThat(mistake(Replaced.ENDS, "dead_letters={type: file, path: '${WHERE}'}"))
        .isEqualTo("dead_letters.path: the environment variable WHERE is not set");
    assertThat(mistake(Replaced.ENDS, "ends={type: file, path: '${WHERE}'}"))
        .isEqualTo("ends.path: the environment variable WHERE is not set");
    assertThat(mistake(Replaced.ENDS, "ends.type=${WHERE}"))
        .isEqualTo("ends.type: the environment variable WHERE is not set");
  }

  @Test
  void aFileOfDeadLettersStaysUnlessItIsReplacedToo() {
    String file = "dead_letters={type: file, path: dead.jsonl}";
    String named = directory.resolve("dead.jsonl").toString();
    assertThat(read(Replaced.ENDS, file).deadLetters())
        .isEqualTo(Optional.of(new SinkSpec.File(named)));
    assertThat(read(Replaced.ENDS_AND_DEAD_LETTERS, file).deadLetters()).isEmpty();
    assertThat(read(Replaced.ENDS_AND_DEAD_LETTERS, "dead_letters.path=${WHERE}").deadLetters())
        .isEmpty();
  }

  /** A job is stopped by its name. What only a topic has must not be refused as that of a file. */
  @Test
  void withoutRecordsOnlyNameModelAndFlinkOptionsAreRead() {
    JobFile job =
        read(
            Replaced.RECORDS,
            "output={fields: [seq, '${WHERE}'], carry: ['header:trace'], headers: [trace]}",
            "source.fields={key: ['header:user', /device], token: '${WHERE}'}",
            "source.key_format=long",
            "source.tombstone=end",
            "sequence.order=${WHERE}",
            "dead_letters.path=${WHERE}");
    assertThat(job.name()).isEqualTo("tagging");
    assertThat(job.deadLetters()).isEmpty();
    assertThat(mistake(Replaced.RECORDS, "name=${WHERE}"))
        .isEqualTo("name: the environment variable WHERE is not set");
  }

  @Test
  void anUnknownFieldOfAReplacedEndIsStillFound() {
    assertThat(mistake(Replaced.ENDS, "sink.tpic=x")).startsWith("sink.tpic: unknown field");
  }

  @Test
  void aMissingEndIsStillMissing() {
    assertThat(
            InvalidFile.message(
                () -> files.read("name: a\nmodel: m\nsink: {type: print}\n", Replaced.ENDS)))
        .endsWith("source: missing: expected a value");
  }

  @Test
  void onOtherBrokersNeitherTheirNamesNorTheirSecretsAreNeeded() {
    JobFile job = read(Replaced.BROKERS, "source.topic=in", "source.start=earliest");

    assertThat(job.source())
        .isEqualTo(
            new SourceSpec.Kafka(
                "in",
                Map.of("bootstrap.servers", "none", "max.poll.records", "7", "group.id", "tagging"),
                false));
    assertThat(job.sink())
        .isEqualTo(
            new SinkSpec.Kafka(
                "out", DeliveryGuarantee.EXACTLY_ONCE, Map.of("bootstrap.servers", "none")));
    assertThat(mistake(Replaced.BROKERS))
        .isEqualTo("source.topic: the environment variable IN_TOPIC is not set");
  }
}
