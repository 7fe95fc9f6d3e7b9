package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints that are each valid, but that together would lose records or loop forever. */
class JobValidatorTest {
  private static final String KAFKA =
      "{type: kafka, topic: %s, properties: {bootstrap.servers: \"%s\"}}";

  @TempDir private Path directory;
  private JobFiles files;
  private RnnModel model;

  @BeforeEach
  void readAFeaturesModel() throws IOException {
    files = new JobFiles(directory, Map.of());
    model = GoldenCase.of("rnn-tanh").model();
  }

  private JobFile job(String source, String sink, String more) {
    return files.read(
        "name: a\nmodel: model\nsource: " + source + "\nsink: " + sink + "\n" + more + "\n");
  }

  private void assertRefused(JobFile job, String problem) {
    assertThatThrownBy(() -> new JobValidator(job).together(model))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void aFileIsNotReadAndWritten() {
    JobFile job = job("{type: file, path: x.jsonl}", "{type: file, path: ./x.jsonl}", "");
    assertRefused(job, ": sink: expected another file or topic, found that of source");
  }

  @Test
  void aFileIsNotWrittenTwice() {
    String letters = "dead_letters: {type: file, path: out.jsonl}";
    JobFile job = job("{type: file, path: x}", "{type: file, path: out.jsonl}", letters);
    assertRefused(job, ": dead_letters: expected another file or topic, found that of sink");
  }

  @Test
  void aTopicIsNotReadAndWritten() {
    String topic = KAFKA.formatted("tokens", "a:9092");
    assertRefused(
        job(topic, topic, ""), ": sink: expected another file or topic, found that of source");
    new JobValidator(job(topic, KAFKA.formatted("tokens", "b:9092"), "")).together(model);
  }

  @Test
  void aSinkWritesToNoTopicThatIsRead() {
    String source = "{type: kafka, %s, properties: {bootstrap.servers: \"a:9092\"}}";
    String sink = KAFKA.formatted("tokens-out", "a:9092");
    assertRefused(
        job(source.formatted("topics: [tokens-in, tokens-out]"), sink, ""),
        ": sink: expected another file or topic, found that of source");
    assertRefused(
        job(source.formatted("topic_pattern: 'tokens-.*'"), sink, ""),
        ": sink.topic: expected a topic that source.topic_pattern does not match, found"
            + " tokens-out");
    new JobValidator(job(source.formatted("topic_pattern: 'tokens'"), sink, "")).together(model);
    new JobValidator(
            job(
                source.formatted("topic_pattern: 'tokens-.*'"),
                KAFKA.formatted("tokens-out", "b:9092"),
                ""))
        .together(model);
  }

  @ParameterizedTest
  @CsvSource({
    "'output: {carry: [/features/0]}', output.carry",
    "'output: {carry: [/features/x/y]}', output.carry"
  })
  void noFieldIsInsideTheFeatures(String more, String field) {
    JobFile job = job("{type: file, path: x}", "{type: print}", more);
    assertRefused(job, ": " + field + ": ");
    assertThat(job.carriedNames()).hasSize(1);
  }

  @Test
  void aFieldThatNeitherTokenNorModelHasIsNamed() {
    assertRefused(
        job("{type: file, path: x, fields: {tokn: /event}}", "{type: print}", ""),
        ": source.fields.tokn: unknown field (did you mean token?); expected key, token, features,"
            + " seq, timestamp, start, end, generate");
    assertRefused(
        job("{type: file, path: x, numeric_strings: true}", "{type: print}", ""),
        ": source.numeric_strings: expected only for a model with input.fields");
    assertRefused(
        job("{type: file, path: x}", "{type: print}", "sequence: {max_ahead: 1m}"),
        ": sequence.max_ahead: expected only with order: timestamp or idle_time: event, or a model"
            + " with elapsed time");
  }

  /** The fields of the model, and a limit on times, because it has elapsed time. */
  @Test
  void theFieldsOfTheModelAreKnown() throws IOException {
    String pointers = "fields: {amount: /tx/amount, merchant: /tx/merchant}";
    JobFile job =
        job(
            "{type: file, path: x, " + pointers + ", numeric_strings: true}",
            "{type: print}",
            "sequence: {max_ahead: 1m}");
    try (RnnModel fraud = RnnModel.load(Path.of("src/test/resources/pytorch-fields/fraud/model"))) {
      new JobValidator(job).together(fraud);
      JobFile inside =
          job("{type: file, path: x, fields: {hour: /amount/hour}}", "{type: print}", "");
      assertThatThrownBy(() -> new JobValidator(inside).together(fraud))
          .hasMessageContaining(
              ": source.fields.hour: expected a pointer outside the field amount, found"
                  + " /amount/hour");
    }
  }

  @Test
  void aLargePredictionNeedsALargeEnoughRequest() {
    String small = "\"a:9092\", max.request.size: 30}}";
    String sink = "{type: kafka, topic: out, properties: {bootstrap.servers: " + small;
    assertRefused(
        job("{type: file, path: x}", sink, "output: {fields: [prediction, hidden]}"),
        "sink.properties.max.request.size: expected at least the 105 bytes that a prediction of this"
            + " model may take, found 30");
    new JobValidator(job("{type: file, path: x}", sink, "output: {fields: [prediction]}"))
        .together(model);
  }

  @ParameterizedTest
  @CsvSource({
    "execution.checkpointing.mode, AT_LEAST_ONCE, expected flink.execution.checkpointing.mode: EXACTLY_ONCE",
    "execution.checkpointing.interval, 15min, found 900000 ms and"
  })
  void exactlyOnceNeedsMatchingCheckpoints(String option, String value, String problem) {
    JobFile job =
        job(
            KAFKA.formatted("tokens", "a:9092"),
            KAFKA.formatted("out", "a:9092"),
            "flink: {" + option + ": " + value + "}");
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    assertThatThrownBy(() -> RnnJob.build(env, job))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(": sink.delivery: expected ")
        .hasMessageContaining(problem);
  }

  @Test
  void aJobOfTopicsHasCheckpointsAndOneOfTheStandardInputNone() {
    JobFile topics = job(KAFKA.formatted("tokens", "a:9092"), KAFKA.formatted("out", "a:9092"), "");
    JobFile stdin =
        job(
            "{type: file, path: '-'}",
            "{type: print}",
            "flink: {execution.checkpointing.interval: 1s}");
    assertThat(built(topics).getCheckpointInterval()).isEqualTo(1000);
    assertThat(built(stdin).getCheckpointConfig().isCheckpointingEnabled()).isFalse();
  }

  private static StreamExecutionEnvironment built(JobFile job) {
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    return env;
  }
}
