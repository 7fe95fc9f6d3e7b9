package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each mistake in a job file gives one line with file, field and what was expected. */
class JobFileMistakesTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  /** The documented example with one line changed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          name: name-tagging   | nam: x                   | nam: unknown field (did you mean name?)
          model: model         | x: 1                     | model: missing: expected a value
          name: name-tagging   | name: 5                  | name: expected a string, found 5
          name: name-tagging   | name: [a]                | name: expected a string, found an array
          name: name-tagging   | name: ''                 | name: expected a non-blank string, found ''
          model: model         | model: {path: x}         | model: expected a string, found an object
          topic: tokens        | topc: tokens             | source.topc: unknown field (did you mean topic?)
          topic: tokens        | topic: 7                 | source.topic: expected a string, found 7
          topic: tokens        | topic: tok ens           | source.topic: expected a topic name of at most 249 letters, digits, '.', '_' and '-', found 'tok ens'
          topic: tokens        | topic: ..                | source.topic: expected a topic name of at most 249 letters, digits, '.', '_' and '-', found '..'
          topic: tokens        | topics: [a, b, a]        | source.topics: expected distinct elements, found 'a' twice
          topic: tokens        | topics: []               | source.topics: expected at least one topic
          topic: tokens        | topics: tokens           | source.topics: expected an array, found 'tokens'
          topic: tokens        | topics: [a, b/c]         | source.topics[1]: expected a topic name of at most 249 letters, digits, '.', '_' and '-', found 'b/c'
          topic: tokens        | topic_pattern: 'a('      | source.topic_pattern: expected a regular expression, found 'a(' (Unclosed group)
          topic: predictions   | topic: predictions!      | sink.topic: expected a topic name of at most 249 letters, digits, '.', '_' and '-', found 'predictions!'
          start: earliest      | topics: [a]              | source.topics: expected only one of topic, topics and topic_pattern
          start: earliest      | topic_pattern: a         | source.topic_pattern: expected only one of topic, topics and topic_pattern
          start: earliest      | start: earlist           | source.start: expected earliest or latest or committed or a time like 2026-01-31T08:00:00Z, found 'earlist' (did you mean earliest?)
          start: earliest      | start: now               | source.start: expected earliest or latest or committed or a time like 2026-01-31T08:00:00Z, found 'now'
          start: earliest      | start: 2026-01-31T08:00:00 | source.start: expected earliest or latest or committed or a time like 2026-01-31T08:00:00Z, found '2026-01-31T08:00:00'
          start: earliest      | start: 1969-12-31T23:59:59Z | source.start: expected earliest or latest or committed or a time like 2026-01-31T08:00:00Z, found '1969-12-31T23:59:59Z'
          topic: predictions   | x: 1                     | sink.topic: missing: expected a value
          delivery: exactly-once | delivery: exactly_once | sink.delivery: expected exactly-once or at-least-once, found 'exactly_once' (did you mean exactly-once?)
          fields: [token, label, prediction] | fields: [token, lable] | output.fields[1]: expected token or label or prediction or logits or hidden or surprise or rank or error or seq or timestamp or model, found 'lable' (did you mean label?)
          fields: [token, label, prediction] | fields: [token, token] | output.fields: expected distinct elements, found 'token' twice
          fields: [token, label, prediction] | fields: token | output.fields: expected an array, found 'token'
          fields: [token, label, prediction] | fields: [5] | output.fields[0]: expected a string, found 5
          fields: [token, label, prediction] | feilds: [token] | output.feilds: unknown field (did you mean fields?); expected carry, headers, fields, emit, top_k, provisional
          fields: [token, label, prediction] | carry: user | output.carry: expected an array, found 'user'
          fields: [token, label, prediction] | carry: [user] | output.carry: expected a JSON pointer like /user/id, found user
          fields: [token, label, prediction] | carry: [/a/key] | output.carry: expected an unused field name, found key of '/a/key'
          fields: [token, label, prediction] | carry: [/t] | output.carry: expected an unused field name, found t of '/t'
          fields: [token, label, prediction] | carry: [/a/hidden] | output.carry: expected an unused field name, found hidden of '/a/hidden'
          fields: [token, label, prediction] | carry: [/a/x, /b/x] | output.carry: expected an unused field name, found x of '/b/x'
          idle_timeout: 30m    | idle_timout: 30m         | sequence.idle_timout: unknown field (did you mean idle_timeout?); expected order, idle_timeout, idle_time, max_out_of_orderness, idle_partition, max_ahead, max_wait, max_buffered, on_gap, first_seq, deduplicate, max_length, start_token, end_token, window, generate, look_ahead, look_ahead_timeout
          idle_timeout: 30m    | idle_timeout: true       | sequence.idle_timeout: expected a string, found true
          execution.checkpointing.interval: 1s | execution.checkpointing: [1s] | flink.execution.checkpointing: expected a value, found an array
          sequence:            | sequenze:                | sequenze: unknown field (did you mean sequence?); expected name, model, source, output, sequence, sink, dead_letters, ends, batch, state_cache, flink
          """)
  void isNamed(String line, String changed, String mistake) {
    String yaml = JobFiles.nameTagging();
    assertThat(yaml).contains(line);
    assertThat(files.mistake(yaml.replace(line, changed))).isEqualTo(mistake);
  }

  /** A section replaced, as on the command line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          source={}                    | source.type: missing: expected a value
          source=x                     | source: expected an object, found 'x'
          source=[]                    | source: expected an object, found an array
          source={type: kafkaa}        | source.type: expected kafka or file, found 'kafkaa' (did you mean kafka?)
          source={type: print}         | source.type: expected kafka or file, found 'print'
          source={type: 5}             | source.type: expected a string, found 5
          source={type: file}          | source.path: missing: expected a value
          source={type: file, path: x, topic: y} | source.topic: unknown field; expected type, path, each, time_unit, fields, numeric_strings, max_record_bytes
          source={type: kafka, topic: x} | source.properties.bootstrap.servers: missing: expected a value
          source={type: kafka, topic: x, properties: {group.id: y}} | source.properties.bootstrap.servers: missing: expected a value
          source={type: kafka, topic: x, propertis: {bootstrap.servers: y}} | source.propertis: unknown field (did you mean properties?)
          source={typ: file, path: x}  | source.typ: unknown field (did you mean type?)
          source={type: kafka, topic: x, properties: localhost} | source.properties: expected an object, found 'localhost'
          source={type: file, path: x, fields: {token: event}} | source.fields.token: expected a JSON pointer like /user/id, found event
          source={type: file, path: x, fields: [key]} | source.fields: expected an object, found an array
          source={type: file, path: x, max_record_bytes: 0} | source.max_record_bytes: expected an integer from 1 to 268435456, found 0
          source={type: file, path: x, max_record_bytes: 1.5} | source.max_record_bytes: expected an integer from 1 to 268435456, found 1.5
          source={type: file, path: x, max_record_bytes: 999999999999} | source.max_record_bytes: expected an integer from 1 to 268435456, found 999999999999
          sink={type: stdout}          | sink.type: expected kafka or file or print, found 'stdout'
          sink={type: prnt}            | sink.type: expected kafka or file or print, found 'prnt' (did you mean print?)
          sink={type: file}            | sink.path: missing: expected a value
          sink={type: print, path: x}  | sink.path: unknown field; expected type
          sink={type: file, path: 's3://bucket/out.jsonl'} | sink.path: expected a path of a local file system, found s3://bucket/out.jsonl
          dead_letters={}              | dead_letters.type: missing: expected a value
          batch=32                     | batch: expected an object, found 32
          batch={size: 0}              | batch.size: expected an integer from 1 to 1024, found 0
          batch={size: 1025}           | batch.size: expected an integer from 1 to 1024, found 1025
          batch={size: 2.5}            | batch.size: expected an integer from 1 to 1024, found 2.5
          batch={size: all}            | batch.size: expected an integer from 1 to 1024, found 'all'
          batch={wait: 0}              | batch.wait: expected a duration from 1 ms to 1 min, found 0 s
          batch={wait: 2}              | batch.wait: expected a duration like 500ms, 30s, 30m, 1h or 0, found '2'
          batch={wait: 61s}            | batch.wait: expected a duration from 1 ms to 1 min, found 61 s
          batch={wait: 60500ms}        | batch.wait: expected a duration from 1 ms to 1 min, found 60500 ms
          batch={wait: soon}           | batch.wait: expected a duration like 500ms, 30s, 30m, 1h or 0, found 'soon'
          batch={siz: 8}               | batch.siz: unknown field (did you mean size?); expected size, wait
          batch={weight: 8ms}          | batch.weight: unknown field; expected size, wait
          batches={size: 8}            | batches: unknown field (did you mean batch?); expected name, model, source, output, sequence, sink, dead_letters, ends, batch, state_cache, flink
          dead_letters={type: kafka, topic: x} | dead_letters.properties.bootstrap.servers: missing: expected a value
          """)
  void inASectionIsNamed(String override, String mistake) {
    assertThat(files.mistake(JobFiles.MINIMAL, override)).isEqualTo(mistake);
  }

  @Test
  void inAPathIsNamed() {
    assertThat(files.mistake(JobFiles.MINIMAL.replace("model: model", "model: ':model'")))
        .isEqualTo("model: expected a path or a URI, found ':model'");
    assertThat(files.mistake(JobFiles.MINIMAL.replace("in.jsonl", "':in'")))
        .isEqualTo("source.path: expected a path or a URI, found ':in'");
  }

  @Test
  void isNamedWhereASectionIsMissing() {
    assertThat(files.mistake("name: a\nmodel: b\nsink: {type: print}\n"))
        .isEqualTo("source: missing: expected a value");
    assertThat(files.mistake("name: a\nmodel: b\nsource: {type: file, path: x}\n"))
        .isEqualTo("sink: missing: expected a value");
  }

  @Test
  void isNamedWhereAnOptionIsGivenTwice() {
    String flink = "flink:\n  parallelism.default: 1\n  parallelism: {default: 2}\n";
    assertThat(files.mistake(JobFiles.MINIMAL + flink))
        .isEqualTo("flink.parallelism.default: expected one value, found two");
  }

  /** The name is in log lines, on terminals, and in transactional ids. */
  @Test
  void aNameContainsNoControlCharacters() {
    for (String control : new String[] {"\\e", "\\x9b", "\\u202e", "\\n"}) {
      assertThat(files.mistake(JobFiles.MINIMAL.replace("tagging", "\"a" + control + "b\"")))
          .isEqualTo(
              "name: expected at most 200 characters, without slashes and control characters");
    }
  }
}
