package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.OutputField;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --set a.b.c=value} sets any field of a job file from the command line. */
class OverrideTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  private JobFile job(String... overrides) {
    return files.read(JobFiles.nameTagging(), overrides);
  }

  @Test
  void changesAFieldAndLeavesTheOthers() {
    JobFile job = job("sink.topic=tags", "sequence.idle_timeout=0", "name=other");
    assertThat(job.sink())
        .isEqualTo(
            new SinkSpec.Kafka(
                "tags",
                DeliveryGuarantee.EXACTLY_ONCE,
                Map.of("bootstrap.servers", "localhost:9092")));
    assertThat(job.sequence().idleTimeout()).isEqualTo(Duration.ZERO);
    assertThat(job.name()).isEqualTo("other");
    assertThat(job.source()).isEqualTo(job().source());
  }

  @Test
  void createsAMissingSection() {
    JobFile job =
        files.read(
            JobFiles.MINIMAL,
            "source.fields.key=/user/id",
            "sequence.idle_timeout=5s",
            "dead_letters.type=print");
    assertThat(job.fields().pointers()).isEqualTo(Map.of("key", "/user/id"));
    assertThat(job.sequence().idleTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(job.deadLetters()).isEqualTo(Optional.of(new SinkSpec.Print(true)));
  }

  @Test
  void takesTheRestOfAPathAsOneNameOfAClientOrFlinkOption() {
    JobFile job =
        job(
            "source.properties.bootstrap.servers=a:1,b:2",
            "source.properties.security.protocol=SASL_SSL",
            "source.properties.group.id=7",
            "flink.execution.checkpointing.interval=5s",
            "flink.parallelism.default=4");
    assertThat(((SourceSpec.Kafka) job.source()).properties())
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "a:1,b:2",
                "security.protocol", "SASL_SSL",
                "group.id", "7"));
    assertThat(job.flink())
        .isEqualTo(Map.of("execution.checkpointing.interval", "5s", "parallelism.default", "4"));
  }

  /** In the file the option can be nested, on the command line it is one name with dots. */
  @Test
  void replacesAnOptionThatTheFileNests() {
    String yaml =
        JobFiles.MINIMAL
            + "flink: {execution: {checkpointing: {interval: 1s, mode: EXACTLY_ONCE}}}\n";
    assertThat(files.read(yaml, "flink.execution.checkpointing.interval=5s").flink())
        .isEqualTo(
            Map.of(
                "execution.checkpointing.interval", "5s",
                "execution.checkpointing.mode", "EXACTLY_ONCE"));
  }

  @Test
  void aNewTypeRemovesTheFieldsOfTheOldOne() {
    JobFile job = job("source.path=in.jsonl", "source.type=file", "sink.type=print");
    assertThat(job.source())
        .isEqualTo(new SourceSpec.File("file:" + directory.resolve("in.jsonl")));
    assertThat(job.sink()).isEqualTo(new SinkSpec.Print(false));
  }

  @Test
  void theSameTypeLeavesTheFields() {
    assertThat(job("source.type=kafka").source()).isEqualTo(job().source());
  }

  @Test
  void theLastOfTwoCounts() {
    assertThat(job("name=a", "name=b").name()).isEqualTo("b");
  }

  @Test
  void takesListsAndObjects() {
    JobFile job = job("output.fields=[token, seq]", "output.carry=[/a/x]");
    assertThat(job.output().fields()).containsExactly(OutputField.TOKEN, OutputField.SEQ);
    assertThat(job.carriedNames()).containsExactly("x");
    assertThat(job("sink={type: file, path: out.jsonl}").sink())
        .isEqualTo(new SinkSpec.File(directory.resolve("out.jsonl").toString()));
    assertThat(job("flink={a.b: 1}").flink()).isEqualTo(Map.of("a.b", "1"));
  }

  /**
   * A value that is not an array, object, number or boolean is a string, unchanged to the last
   * character.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=b=c",
        "a: b",
        "a:b",
        "- a",
        "a #1",
        "#1",
        "it's",
        "a\"b",
        "*a",
        "&a",
        "!a",
        "!a b",
        "@a",
        "%a",
        "| a",
        "~",
        " a ",
        "a, b",
        "x: [",
        "yes",
        "Größe",
        "2026-11-23",
        "null",
        "a\\b",
        "org.Login required username=\"u\" password=\"p#1\";"
      })
  void keepsAStringUnchanged(String text) {
    assertThat(job("name=" + text).name()).isEqualTo(text);
    JobFile job = job("source.properties.x=" + text);
    assertThat(((SourceSpec.Kafka) job.source()).properties()).containsEntry("x", text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "5"     | 5
          'true'  | true
          "a b"   | a b
          """)
  void unquotesAString(String value, String text) {
    assertThat(job("name=" + value).name()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "=x", "", "sink.topic"})
  void rejectsAnInvalidOverride(String override) {
    assertThatThrownBy(() -> job(override))
        .isInstanceOf(UsageException.class)
        .hasMessage("--set " + override + ": expected FIELD=VALUE, like sink.topic=tags");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name.first=x            | --set name.first: name: expected an object
          sink.topic.name=x       | --set sink.topic.name: sink.topic: expected an object
          output.fields.token=x   | --set output.fields.token: output.fields: expected an object
          sink.=x                 | --set sink.: expected a field name after the last dot
          flink.=x                | --set flink.: expected a field name after the last dot
          """)
  void rejectsAFieldOfAValueThatIsNotAnObject(String override, String message) {
    assertThatThrownBy(() -> job(override)).isInstanceOf(UsageException.class).hasMessage(message);
  }

  @Test
  void aMisspeltOverrideIsAMisspeltField() {
    assertThat(files.mistake(JobFiles.nameTagging(), "output.feilds=[token]"))
        .isEqualTo(
            "output.feilds: unknown field (did you mean fields?); expected carry, headers, fields, emit,"
                + " top_k, provisional");
    assertThat(files.mistake(JobFiles.nameTagging(), "sorce.topic=x")).startsWith("sorce: ");
    assertThat(files.mistake(JobFiles.nameTagging(), "output.fields=[lable]"))
        .startsWith("output.fields[0]: expected token or ");
  }

  @Test
  void anotherTypeKeepsWhatBelongsToEveryType() {
    JobFile job =
        job(
            "source.fields.key=/id",
            "source.max_record_bytes=77",
            "source.path=in.jsonl",
            "source.type=file");
    assertThat(job.source()).isInstanceOf(SourceSpec.File.class);
    assertThat(job.fields().pointers()).containsEntry("key", "/id");
    assertThat(job.maxRecordBytes()).isEqualTo(77);
  }

  @Test
  void escapesControlCharactersOfTheCommandLine() {
    assertThatThrownBy(() -> job("=\u001b[31m"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--set =\\u001B[31m: expected FIELD=VALUE, like sink.topic=tags");
  }
}
