package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ${NAME}} in a job file: secrets come from outside, and go nowhere else. */
class EnvironmentVariableTest {
  private static final String SECRET = "hunter2$1\\{}: [";

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files =
        new JobFiles(directory, Map.of("PASSWORD", SECRET, "NAME", "tags", "EMPTY", "", "N", "64"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ${NAME}                  | tags
          a-${NAME}-${NAME}-b      | a-tags-tags-b
          ${ABSENT:default}        | default
          ${NAME:default}          | tags
          a${ABSENT:}b             | ab
          a${EMPTY:default}b       | ab
          ${ABSENT:host:9092}      | host:9092
          $${NAME}                 | ${NAME}
          $$${NAME}                | $${NAME}
          a$b                      | a$b
          $NAME                    | $NAME
          ${}                      | ${}
          ${NAME                   | ${NAME
          ${1}                     | ${1}
          """)
  void isFilledIn(String text, String filled) {
    assertThat(files.read(JobFiles.MINIMAL.replace("tagging", "'" + text + "'")).name())
        .isEqualTo(filled);
    assertThat(files.read(JobFiles.MINIMAL, "flink.a=" + text).flink())
        .isEqualTo(Map.of("a", filled));
  }

  @Test
  void isFilledInWhereverATextStands() {
    JobFile job =
        files.read(
            """
            name: tagging
            model: "models/${NAME}"
            source: {type: file, path: x, max_record_bytes: "${N}"}
            sink: {type: kafka, topic: "${NAME}", properties: {bootstrap.servers: b, p: "${PASSWORD}"}}
            output: {carry: ["/${NAME}"]}
            flink: {a: {b: "${NAME}"}}
            """);
    assertThat(job.model().uri()).endsWith("/models/tags");
    assertThat(job.maxRecordBytes()).isEqualTo(64);
    assertThat(((SinkSpec.Kafka) job.sink()).topic()).isEqualTo("tags");
    assertThat(job.carriedNames()).containsExactly("tags");
    assertThat(job.flink()).isEqualTo(Map.of("a.b", "tags"));
  }

  /** Whatever a secret holds, it is no YAML and no reference any more. */
  @Test
  void staysOneTextWhateverItHolds() {
    JobFile job = files.read(JobFiles.MINIMAL, "flink.p=x ${PASSWORD} ${ABSENT:y}");
    assertThat(job.flink()).isEqualTo(Map.of("p", "x " + SECRET + " y"));
  }

  @Test
  void isNamedWhenItIsNotSet() {
    assertThat(files.mistake(JobFiles.MINIMAL, "flink.a.b=${ABSENT}"))
        .isEqualTo("flink.a.b: the environment variable ABSENT is not set");
    assertThat(files.mistake(JobFiles.MINIMAL + "output: {carry: [/a, '/${ABSENT}']}\n"))
        .isEqualTo("output.carry[1]: the environment variable ABSENT is not set");
  }

  /** Mistakes anywhere else, with the secret in its place: it must not be in the message. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "source.type=kafkaa",
        "sink.topc=x",
        "sink.properties=[a]",
        "sink.properties={bootstrap: {servers: a}, bootstrap.servers: b, p: '${PASSWORD}'}",
        "sink.properties={p: '${PASSWORD}'}",
        "name=[a]",
        "model=",
        "flink=[]",
        "flink.a=${ABSENT}",
        "sequence.idle_timeout=never",
        "output.fields=[a]",
        "nam=x",
        "source.type=${PASSWORD}",
        "sink.delivery=${PASSWORD}",
        "sequence.idle_timeout=${PASSWORD}",
        "output.fields=['${PASSWORD}']",
        "output.carry=['/${PASSWORD}', '/${PASSWORD}']"
      })
  void isInNoMessageAboutAnotherField(String override) {
    String yaml =
        """
        name: tagging
        model: model
        source: {type: file, path: in.jsonl}
        sink: {type: kafka, topic: x, properties: {bootstrap.servers: b, p: "${PASSWORD}"}}
        flink: {s3.secret-key: "${PASSWORD}"}
        """;
    assertThat(files.mistake(yaml, override)).doesNotContain("hunter2");
  }

  @Test
  void isInNoMessageAboutBrokenYaml() {
    assertThat(files.mistake("name: \"${PASSWORD}\"\n  x: [")).doesNotContain("hunter2");
    assertThat(files.mistake("- \"${PASSWORD}\"\n")).doesNotContain("hunter2");
  }
}
