package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.InvalidFileException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ${NAME}} in a job file: the value of a variable is filled in, and is shown nowhere else.
 */
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
  void isFilledInInEveryString() {
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

  /** The value of a variable is never parsed as YAML or as another reference. */
  @Test
  void staysOneStringWhateverItContains() {
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

  /** Mistakes in other fields of a file with the secret. The message must not contain it. */
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

  /** If the value itself is the mistake, the name of its variable is shown in its place. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          source.type=${PASSWORD}             | source.type: expected kafka or file, found '${PASSWORD}'
          sink.delivery=a-${PASSWORD}         | sink.delivery: expected exactly-once or at-least-once, found 'a-${PASSWORD}'
          sink={type: file, path: 's3://b/${PASSWORD}'} | sink.path: expected a path of a local file system, found s3://b/${PASSWORD}
          source.max_record_bytes=${PASSWORD} | source.max_record_bytes: expected an integer from 1 to 268435456, found '${PASSWORD}'
          source.max_record_bytes=${EMPTY}    | source.max_record_bytes: expected an integer from 1 to 268435456, found '${EMPTY}'
          source.fields.key=${PASSWORD}       | source.fields.key: expected a JSON pointer like /user/id, found ${PASSWORD}
          output.carry=['${PASSWORD}']        | output.carry: expected a JSON pointer like /user/id, found ${PASSWORD}
          output.carry=['/a', '/${PASSWORD}', '/${PASSWORD}'] | output.carry: expected distinct elements, found '/${PASSWORD}' twice
          output.carry=['/a/${PASSWORD}', '/b/${PASSWORD}'] | output.carry: expected an unused field name, found ${PASSWORD} of '/b/${PASSWORD}'
          output.fields=[token, '${PASSWORD}'] | output.fields[1]: expected token or label or prediction or logits or hidden or surprise or rank or error or seq or timestamp or model, found '${PASSWORD}'
          sequence.idle_timeout=${PASSWORD}   | sequence.idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '${PASSWORD}'
          sequence.idle_timeout=${ABSENT:never} | sequence.idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found 'never'
          sequence.idle_timeout=${N}          | sequence.idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '${N}'
          sink.properties={bootstrap.server: '${PASSWORD}'} | sink.properties.bootstrap.servers: missing: expected brokers, found bootstrap.server
          """)
  void isShownByItsName(String override, String mistake) {
    String yaml =
        JobFiles.MINIMAL.replace(
            "{type: print}", "{type: kafka, topic: x, properties: {bootstrap.servers: b}}");
    assertThat(files.mistake(yaml, override)).isEqualTo(mistake);
  }

  /** Even half of a long value must not be shown. */
  @Test
  void aLongOneIsNotCut() {
    String key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEF\n".repeat(30);
    files = new JobFiles(directory, Map.of("KEY", key));
    assertThat(files.mistake(JobFiles.MINIMAL, "source.fields.key=${KEY}"))
        .isEqualTo("source.fields.key: expected a JSON pointer like /user/id, found ${KEY}");
    assertThat(files.mistake(JobFiles.MINIMAL, "source.type=${KEY}"))
        .isEqualTo("source.type: expected kafka or file, found '${KEY}'");
  }

  @Test
  void flinksAnswerShowsItsName() {
    EnvironmentValues values = new EnvironmentValues(Map.of("EVERY", "sometimes-4711")::get);
    JobFile job =
        files.read(
            JobFiles.MINIMAL + "flink: {execution.checkpointing.interval: '${EVERY}'}\n", values);
    InvalidFileException mistake =
        catchThrowableOfType(InvalidFileException.class, () -> RnnJob.check(job));

    assertThat(mistake).hasMessageContaining("sometimes-4711");
    assertThat(mistake.shown(values::hide))
        .hasMessageContaining("${EVERY}")
        .hasMessageNotContaining("sometimes");
  }

  /** On a cluster, this line is the first output, and Flink's client also prints the exception. */
  @Test
  void theJobsOwnMainShowsItsName() throws Exception {
    Path file = Files.writeString(directory.resolve("job.yaml"), JobFiles.MINIMAL);
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, UTF_8));
    try {
      String[] words = {"--job", file.toString(), "--set", "source.type=x${PATH}"};
      assertThatThrownBy(() -> RnnJob.main(words))
          .isExactlyInstanceOf(InvalidFileException.class)
          .hasMessage(file + ": source.type: expected kafka or file, found 'x${PATH}'")
          .hasNoCause();
    } finally {
      System.setErr(err);
    }
    assertThat(said.toString(UTF_8))
        .isEqualToNormalizingNewlines(
            "flink-rnn: " + file + ": source.type: expected kafka or file, found 'x${PATH}'\n");
  }

  @Test
  void isInNoMessageAboutBrokenYaml() {
    assertThat(files.mistake("name: \"${PASSWORD}\"\n  x: [")).doesNotContain("hunter2");
    assertThat(files.mistake("- \"${PASSWORD}\"\n")).doesNotContain("hunter2");
  }
}
