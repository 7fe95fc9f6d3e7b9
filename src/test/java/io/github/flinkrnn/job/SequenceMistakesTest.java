package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.operator.ModelDirectory;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options for sequences in a job file. Each mistake gives one line with file and field. */
class SequenceMistakesTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {order: seqq}             | order: expected arrival or timestamp or seq, found 'seqq' (did you mean seq?)
          {order: 1}                | order: expected a string, found 1
          {idle_time: event}        | idle_time: expected only with idle_timeout
          {idle_time: event, idle_timeout: 0} | idle_time: expected only with idle_timeout
          {idle_time: evnt, idle_timeout: 1s} | idle_time: expected processing or event, found 'evnt' (did you mean event?)
          {idle_timeout: 30}        | idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '30'
          {idle_timeout: soon}      | idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found 'soon'
          {idle_timeout: -1s}       | idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '-1s'
          {idle_timeout: 1us}       | idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '1us'
          {idle_timeout: 40000d}    | idle_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '40000d'
          {max_length: 0}           | max_length: expected an integer from 1 to 2147483647, found 0
          {max_length: -1}          | max_length: expected an integer from 1 to 2147483647, found -1
          {max_length: 2147483648}  | max_length: expected an integer from 1 to 2147483647, found 2147483648
          {max_length: long}        | max_length: expected an integer from 1 to 2147483647, found 'long'
          {start_token: ''}         | start_token: expected a non-blank string, found ''
          {start_token: 5}          | start_token: expected a string, found 5
          {end_token: [a]}          | end_token: expected a string, found an array
          {end_tokn: a}             | end_tokn: unknown field (did you mean end_token?); expected order, idle_timeout, idle_time, max_out_of_orderness, idle_partition, max_ahead, max_wait, max_buffered, on_gap, first_seq, deduplicate, max_length, start_token, end_token, window, generate, look_ahead, look_ahead_timeout
          {look_ahead: -1}          | look_ahead: expected an integer from 0 to 10000, found -1
          {look_ahead: 10001}       | look_ahead: expected an integer from 0 to 10000, found 10001
          {look_ahead: ned}         | look_ahead: expected a number of tokens or end, found 'ned'
          {look_ahead: 2.5}         | look_ahead: expected an integer from 0 to 10000, found 2.5
          {look_ahead: end}         | max_length: missing: expected with look_ahead: end
          {look_ahead: 2, window: 3} | window: expected only without look_ahead
          {look_ahead: 2, generate: {max: 3}} | generate: expected only without look_ahead
          {look_ahead_timeout: 5s}  | look_ahead_timeout: expected only with look_ahead
          {look_ahead: 2, look_ahead_timeout: 5} | look_ahead_timeout: expected a duration like 500ms, 30s, 30m, 1h or 0, found '5'
          {look_ahead: 2, idle_time: event} | idle_time: expected only with idle_timeout
          {window: 0}               | window: expected an integer from 1 to 10000, found 0
          {window: 10001}           | window: expected an integer from 1 to 10000, found 10001
          {window: 2.5}             | window: expected an integer from 1 to 10000, found 2.5
          {generate: true}          | generate: expected an object, found true
          {generate: {}}            | generate.max: missing: expected a value
          {generate: {until: a}}    | generate.max: missing: expected a value
          {generate: {max: 0}}      | generate.max: expected an integer from 1 to 10000, found 0
          {generate: {max: 10001}}  | generate.max: expected an integer from 1 to 10000, found 10001
          {generate: {max: 5, until: ''}} | generate.until: expected a non-blank string, found ''
          {generate: {max: 5, temperature: -0.1}} | generate.temperature: expected a number from 0 to 1000, found -0.1
          {generate: {max: 5, temperature: 1001}} | generate.temperature: expected a number from 0 to 1000, found 1001
          {generate: {max: 5, temperature: warm}} | generate.temperature: expected a number from 0 to 1000, found 'warm'
          {generate: {max: 5, seed: -1}} | generate.seed: expected an integer from 0 to 2147483647, found -1
          {generate: {max: 5, seed: x}} | generate.seed: expected an integer from 0 to 2147483647, found 'x'
          {generate: {max: 5, temprature: 1}} | generate.temprature: unknown field (did you mean temperature?); expected until, max, temperature, seed
          """)
  void ofSequencesIsNamed(String section, String mistake) {
    assertThat(files.mistake(JobFiles.MINIMAL, "sequence=" + section))
        .isEqualTo("sequence." + mistake);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          output={emit: all}             | output.emit: expected each or last or change, found 'all'
          output={emit: lst}             | output.emit: expected each or last or change, found 'lst' (did you mean last?)
          output={emit: 5}               | output.emit: expected a string, found 5
          output={emit: [last]}          | output.emit: expected a string, found an array
          output={emit: {}}              | output.emit: expected one of above, rank_above, surprise_above, error_above
          output={emit: {above: 0.5, rank_above: 9}} | output.emit: expected one of above, rank_above, surprise_above, error_above
          output={emit: {label: A}}      | output.emit: expected one of above, rank_above, surprise_above, error_above
          output={emit: {abov: 0.5}}     | output.emit.abov: unknown field (did you mean above?); expected label, of, above, rank_above, surprise_above, error_above
          output={emit: {above: much}}   | output.emit.above: expected a number from -1000000000 to 1000000000, found 'much'
          output={emit: {above: 2e9}}    | output.emit.above: expected a number from -1000000000 to 1000000000, found 2.0E9
          output={emit: {above: 0.5, label: ''}} | output.emit.label: expected a non-blank string, found ''
          output={emit: {rank_above: 9, label: A}} | output.emit.label: expected only with above
          output={emit: {rank_above: 0}} | output.emit.rank_above: expected an integer from 1 to 2147483647, found 0
          output={emit: {rank_above: 1.5}} | output.emit.rank_above: expected an integer from 1 to 2147483647, found 1.5
          output={emit: {surprise_above: -1}} | output.emit.surprise_above: expected a number from 0 to 2147483647, found -1
          output={emit: {surprise_above: high}} | output.emit.surprise_above: expected a number from 0 to 2147483647, found 'high'
          output={top_k: 0}              | output.top_k: expected an integer from 1 to 10000, found 0
          output={top_k: 10001}          | output.top_k: expected an integer from 1 to 10000, found 10001
          output={top_k: all}            | output.top_k: expected an integer from 1 to 10000, found 'all'
          output={fields: [rnk]}         | output.fields[0]: expected token or label or prediction or logits or hidden or surprise or rank or error or seq or timestamp or model, found 'rnk' (did you mean rank?)
          output={carry: [/a/rank]}      | output.carry: expected an unused field name, found rank of '/a/rank'
          output={carry: [/top]}         | output.carry: expected an unused field name, found top of '/top'
          output={carry: [/generated]}   | output.carry: expected an unused field name, found generated of '/generated'
          ends={}                        | ends.type: missing: expected a value
          ends={type: files}             | ends.type: expected kafka or file or print, found 'files' (did you mean file?)
          ends={type: file}              | ends.path: missing: expected a value
          ends={type: kafka, topic: x}   | ends.properties.bootstrap.servers: missing: expected a value
          ends=x                         | ends: expected an object, found 'x'
          """)
  void ofWhatIsEmittedIsNamed(String override, String mistake) {
    assertThat(files.mistake(JobFiles.MINIMAL, override)).isEqualTo(mistake);
  }

  @Test
  void validOptionsAreRead() {
    JobFile job =
        files.read(
            JobFiles.MINIMAL,
            "sequence={idle_timeout: 5s, idle_time: event, max_length: 100, start_token: a,"
                + " end_token: b, window: 10,"
                + " generate: {until: b, max: 50, temperature: 0.8, seed: 7}}",
            "output={fields: [rank], emit: {above: 0.9, label: A}, top_k: 3}",
            "ends={type: print}");
    assertThat(job.sequence())
        .isEqualTo(
            SequenceOptions.DEFAULT
                .withIdleTimeout(Duration.ofSeconds(5), true)
                .withMaxLength(100)
                .withTokens("a", "b")
                .withWindow(10)
                .withGeneration(new Generation("b", 50, 0.8, 7)));
    assertThat(job.output())
        .isEqualTo(
            new OutputOptions(
                Set.of(OutputField.RANK), new Emit(Emit.When.ABOVE, 0.9, "A"), 3, true));
    assertThat(job.ends()).contains(new SinkSpec.Print(true));
  }

  @Test
  void absentOptionsHaveDefaults() {
    JobFile job = files.read(JobFiles.MINIMAL, "sequence={generate: {max: 3}}");
    assertThat(job.sequence())
        .isEqualTo(SequenceOptions.DEFAULT.withGeneration(new Generation(null, 3, 1, 0)));
    assertThat(job.output()).isEqualTo(OutputOptions.DEFAULT);
    assertThat(job.ends()).isEmpty();
  }

  /** The file name also precedes the message for an option that the model does not support. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          sequence.end_token=dog     | sequence.end_token: expected a word of the vocabulary, found 'dog'
          output.top_k=3             | output.top_k: expected at most the model's 2 outputs, found 3
          output.emit={above: 1, label: C} | output.emit.label: expected a label of the model, found 'C'
          sequence.look_ahead=2      | sequence.look_ahead: expected only for a bidirectional model
          output.provisional=true    | output.provisional: expected only with sequence.look_ahead
          output.emit={rank_above: 9} | output.emit: expected labels that are words of the vocabulary, found none
          """)
  void anOptionThatTheModelDoesNotSupportIsNamed(String override, String mistake)
      throws IOException {
    ModelDirectory.words(Files.createDirectory(directory.resolve("model")));
    assertMistake(mistake, override);
  }

  private void assertMistake(String mistake, String... overrides) throws IOException {
    Files.createFile(directory.resolve("in.jsonl"));
    JobFile job = files.read(JobFiles.MINIMAL, overrides);
    assertThatThrownBy(() -> JobValidator.validate(job))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(files.path() + ": " + mistake);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          rnn-words   | sequence={idle_timeout: 1h}                            | sequence.look_ahead: missing: expected a number of tokens or end, because the model is bidirectional
          rnn-words   | sequence={look_ahead: 2} output={fields: [rank]}       | output.fields: rank: expected only without look_ahead, because y<t-1> may depend on token t
          rnn-words   | sequence={look_ahead: 2} output={fields: [surprise]}   | output.fields: surprise: expected only without look_ahead, because y<t-1> may depend on token t
          rnn-words   | sequence={look_ahead: 2} output={emit: {rank_above: 3}} | output.emit: rank_above: expected only without look_ahead, because y<t-1> may depend on token t
          final-words | sequence={look_ahead: 2}                               | sequence.look_ahead: expected end, because the model has one prediction for the whole sequence, found 2
          final-words | sequence={look_ahead: end, max_length: 9, look_ahead_timeout: 5s} | sequence.look_ahead_timeout: expected no such field, because the model has one prediction for the whole sequence
          """)
  void aLookAheadThatTheModelDoesNotSupportIsNamed(String model, String overrides, String mistake)
      throws IOException {
    String path = Path.of("src/test/resources/look-ahead", model, "model").toAbsolutePath() + "";
    List<String> all = new ArrayList<>(List.of("model=" + path));
    all.addAll(List.of(overrides.split(" (?=output=)")));
    assertMistake(mistake, all.toArray(String[]::new));
  }
}
