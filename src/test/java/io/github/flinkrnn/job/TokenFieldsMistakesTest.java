package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.KeyFormat;
import io.github.flinkrnn.json.RecordForm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the fields of a token are, and the mistakes in it. */
class TokenFieldsMistakesTest {
  private static final String BROKER = "properties: {bootstrap.servers: x}";

  @TempDir private Path directory;

  private static String yaml(boolean isKafka, String source, String output) {
    return "name: n\nmodel: m\n"
        + ("source: {" + (isKafka ? "type: kafka, topic: a, " + BROKER : "type: file, path: a"))
        + (source == null ? "" : ", " + source)
        + "}\n"
        + ("sink: {" + (isKafka ? "type: kafka, topic: b, " + BROKER : "type: print") + "}\n")
        + (output == null ? "" : "output: {" + output + "}\n");
  }

  @Test
  void areRead() {
    String source =
        "each: /in/events, key_format: uuid, tombstone: end, fields: {key: ['header:a', 'header:b']}";
    JobFile job =
        new JobFiles(directory)
            .read(yaml(true, source, "carry: [^/country, 'header:trace'], headers: [x]"));
    assertThat(job.fields().form())
        .isEqualTo(
            new RecordForm(
                List.of("header:a", "header:b"), "/in/events", KeyFormat.UUID, true, List.of("x")));
    assertThat(job.carriedNames()).containsExactly("country", "trace");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          true  | fields: {key: []} | | source.fields.key: expected at least one pointer, found none
          true  | fields: {key: [/a, b]} | | source.fields.key[1]: expected a JSON pointer like /user/id, found b
          true  | fields: {key: 5} | | source.fields.key: expected a string, found 5
          true  | fields: {key: ^/a} | | source.fields.key: expected a pointer that begins with ^ only with source.each, found ^/a
          true  | each: events | | source.each: expected a JSON pointer like /user/id, found events
          true  | each: /e, fields: {key: ^/e/0} | | source.fields.key: expected a pointer outside the array of source.each, found ^/e/0
          true  | fields: {seq: "header:"} | | source.fields.seq: expected header:NAME, with at most 1000 characters
          true  | key_format: lnog | | source.key_format: expected string or long or int or uuid or bytes, found 'lnog' (did you mean long?)
          true  | tombstone: drop | | source.tombstone: expected reject or end, found 'drop'
          true  | tombstone: end, fields: {key: [/a, "header:b"]} | | source.tombstone: expected reject, because a part of the key is in the value (/a), which a tombstone does not have
          true  | | headers: [""] | output.headers: expected names, found an empty one
          false | key_format: long | | source.key_format: expected only with type: kafka
          false | tombstone: reject | | source.tombstone: expected only with type: kafka
          false | fields: {key: "header:user"} | | source.fields.key: expected a JSON pointer, because a file has no headers, found header:user
          false | | carry: ["header:a"] | output.carry: expected a JSON pointer, because a file has no headers, found header:a
          false | | headers: [a] | output.headers: expected only with source.type: kafka
          """)
  void areNamed(boolean isKafka, String source, String output, String mistake) {
    assertThat(new JobFiles(directory).mistake(yaml(isKafka, source, output))).isEqualTo(mistake);
  }

  /** Between files, the options of a topic have no effect. */
  @Test
  void thoseOfATopicAreIgnoredBetweenFiles() throws Exception {
    String yaml = yaml(true, "key_format: long, tombstone: end, each: /e", "headers: [x]");
    Path file = Files.writeString(directory.resolve("job.yaml"), yaml);
    JobFile job = JobFileReader.read(file.toString(), List.of(), name -> null, Replaced.ENDS);
    assertThat(job.fields().form())
        .isEqualTo(new RecordForm(List.of(), "/e", KeyFormat.STRING, false, List.of()));
  }
}
