package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.json.TokenTimes;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The meaning of valid job files. */
class JobFileReaderTest {
  /** An hour ahead at most, where times decide something. */
  private static final TokenFields LIMITED =
      TokenFields.TOP_LEVEL.withTimes(new TokenTimes(TokenTimes.Unit.MS, 3_600_000, false));

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @Test
  void readsTheDocumentedExample() {
    Map<String, String> broker = Map.of("bootstrap.servers", "localhost:9092");
    assertThat(files.read(JobFiles.nameTagging()))
        .isEqualTo(
            new JobFile(
                files.path(),
                "name-tagging",
                new ModelLocation("file:" + directory.resolve("model")),
                new SourceSpec.Kafka(
                    "tokens",
                    Map.of("bootstrap.servers", "localhost:9092", "group.id", "name-tagging"),
                    false),
                LIMITED,
                false,
                List.of(),
                1 << 20,
                new SinkSpec.Kafka("predictions", DeliveryGuarantee.EXACTLY_ONCE, broker),
                Optional.of(new SinkSpec.Kafka("rejected", DeliveryGuarantee.EXACTLY_ONCE, broker)),
                Optional.empty(),
                SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMinutes(30), false),
                OutputOptions.DEFAULT,
                BatchOptions.DEFAULT,
                RnnFunction.DEFAULT_STATE_CACHE,
                Map.of("execution.checkpointing.interval", "1s")));
  }

  @Test
  void hasDefaultsForOptionalFields() {
    assertThat(files.read(JobFiles.MINIMAL))
        .isEqualTo(
            new JobFile(
                files.path(),
                "tagging",
                new ModelLocation("file:" + directory.resolve("model")),
                new SourceSpec.File("file:" + directory.resolve("in.jsonl")),
                LIMITED,
                false,
                List.of(),
                1 << 20,
                new SinkSpec.Print(false),
                Optional.empty(),
                Optional.empty(),
                SequenceOptions.DEFAULT,
                OutputOptions.DEFAULT,
                BatchOptions.DEFAULT,
                RnnFunction.DEFAULT_STATE_CACHE,
                Map.of()));
  }

  @Test
  void namesTheConsumerGroupAfterTheJob() {
    JobFile job =
        files.read(
            """
            name: tagging
            model: model
            source: {type: kafka, topic: tokens, properties: {bootstrap.servers: b}}
            sink: {type: kafka, topic: tags, delivery: at-least-once, properties: {bootstrap.servers: b}}
            """);
    assertThat(job.source())
        .isEqualTo(
            new SourceSpec.Kafka(
                "tokens", Map.of("bootstrap.servers", "b", "group.id", "tagging"), false));
    assertThat(job.sink())
        .isEqualTo(
            new SinkSpec.Kafka(
                "tags", DeliveryGuarantee.AT_LEAST_ONCE, Map.of("bootstrap.servers", "b")));
  }

  @Test
  void takesOptionsNestedOrWithDots() {
    String flink =
        """
        flink:
          execution: {checkpointing: {interval: 1s, mode: EXACTLY_ONCE}}
          parallelism.default: 2
          state.backend.incremental: true
        """;
    assertThat(files.read(JobFiles.MINIMAL + flink).flink())
        .isEqualTo(
            Map.of(
                "execution.checkpointing.interval", "1s",
                "execution.checkpointing.mode", "EXACTLY_ONCE",
                "parallelism.default", "2",
                "state.backend.incremental", "true"));
  }

  @Test
  void namesACarriedValueAfterTheEndOfItsPointer() {
    JobFile job = files.read(JobFiles.MINIMAL + "output: {carry: [/user/country, /a~1b, /x/0]}\n");
    assertThat(job.fields().carried()).containsExactly("/user/country", "/a~1b", "/x/0");
    assertThat(job.carriedNames()).containsExactly("country", "a/b", "0");
  }

  @Test
  void readsPointersAndBounds() {
    JobFile job =
        files.read(
            """
            name: tagging
            model: model
            source:
              type: file
              path: '-'
              max_record_bytes: 65536
              fields: {key: /user/id, token: /event/type}
            sink: {type: file, path: out.jsonl}
            output: {fields: [hidden, logits, seq, timestamp, model]}
            """);
    assertThat(job.source()).isEqualTo(new SourceSpec.File("-"));
    assertThat(job.sink()).isEqualTo(new SinkSpec.File(directory.resolve("out.jsonl").toString()));
    assertThat(job.maxRecordBytes()).isEqualTo(65_536);
    assertThat(job.fields().pointers())
        .isEqualTo(Map.of("key", "/user/id", "token", "/event/type"));
    assertThat(job.output().fields())
        .containsExactly(
            OutputField.LOGITS,
            OutputField.HIDDEN,
            OutputField.SEQ,
            OutputField.TIMESTAMP,
            OutputField.MODEL);
  }

  @Test
  void takesAnEmptyListOfFields() {
    assertThat(files.read(JobFiles.MINIMAL + "output: {fields: []}\n").output().fields()).isEmpty();
  }

  @Test
  void containsNoSecretInItsString() {
    String secret = "password";
    JobFile job =
        files.read(JobFiles.nameTagging().replace("group.id: ", "x: password, group.id: "));
    assertThat(job.source()).isInstanceOf(SourceSpec.Kafka.class);
    assertThat(((SourceSpec.Kafka) job.source()).properties()).containsValue(secret);
    assertThat(job + " " + job.source() + " " + job.sink()).doesNotContain(secret);
  }

  @ParameterizedTest
  @CsvSource({"30m, 1800000", "0, 0", "500ms, 500", "1h, 3600000", "30 s, 30000", "2d, 172800000"})
  void readsDurations(String text, long millis) {
    JobFile job = files.read(JobFiles.MINIMAL + "sequence: {idle_timeout: " + text + "}\n");
    assertThat(job.sequence().idleTimeout()).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"soon", "30", "-1s", "-5", "1.5h", "5 parsecs", "999999999999d", "36501d", "''"})
  void rejectsInvalidDurations(String text) {
    assertThat(files.mistake(JobFiles.MINIMAL + "sequence: {idle_timeout: " + text + "}\n"))
        .startsWith("sequence.idle_timeout: expected a ")
        .contains(text.replace("''", "found ''"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 32 | 2",
        "{size: 64} | 64 | 2",
        "{wait: 10ms} | 32 | 10",
        "{size: 1, wait: 1 ms} | 1 | 1",
        "{size: 1024, wait: 1min} | 1024 | 60000"
      })
  void readsBatches(String section, int size, long millis) {
    assertThat(files.read(JobFiles.MINIMAL, "batch=" + section).batch())
        .isEqualTo(new BatchOptions(size, Duration.ofMillis(millis)));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "64mb, 67108864", "1 gb, 1073741824", "100b, 100", "1.5gb, -1", "2, -1"})
  void readsTheCacheOfStates(String size, long bytes) {
    if (bytes >= 0) {
      assertThat(files.read(JobFiles.MINIMAL, "state_cache=" + size).stateCache().getBytes())
          .isEqualTo(bytes);
    } else {
      assertThatThrownBy(() -> files.read(JobFiles.MINIMAL, "state_cache=" + size))
          .hasMessageEndingWith(
              "state_cache: expected a size like 64mb, 1gb or 0, found " + "'" + size + "'");
    }
  }

  @Test
  void readsOneFieldOfBatches() {
    assertThat(files.read(JobFiles.MINIMAL, "batch.size=7").batch())
        .isEqualTo(new BatchOptions(7, Duration.ofMillis(2)));
    assertThat(files.read(JobFiles.MINIMAL + "batch: {size: 7}\n", "batch.wait=1s").batch())
        .isEqualTo(new BatchOptions(7, Duration.ofSeconds(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/models/a", "hdfs://host:8020/a", "file:/models/a"})
  void keepsUris(String uri) {
    assertThat(files.read(JobFiles.MINIMAL, "model=" + uri).model().uri()).isEqualTo(uri);
  }

  @ParameterizedTest
  @CsvSource({"/models/a, /models/a", "/models/../a b, /a b", "/models/a%20#b, /models/a%20#b"})
  void keepsAbsolutePaths(String path, String kept) {
    String model =
        files.read(JobFiles.MINIMAL.replace("model: model", "model: '" + path + "'")).model().uri();
    assertThat(new org.apache.flink.core.fs.Path(model).getPath()).isEqualTo(kept);
  }

  @Test
  void resolvesPathsAgainstTheJobFileNotTheWorkingDirectory() {
    JobFile job = files.read(JobFiles.MINIMAL.replace("model: model", "model: ../a/./model"));
    assertThat(job.model().uri())
        .isEqualTo("file:" + directory.getParent().resolve("a").resolve("model"));
  }

  @Test
  void saysThatAJobFileIsMissing() {
    String path = directory.resolve("absent.yaml").toString();
    assertThatThrownBy(() -> JobFileReader.read(path, List.of(), name -> null))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(path + ": missing: expected a job file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "a\0b"})
  void rejectsInvalidPathsOfAJobFile(String path) {
    assertThatThrownBy(() -> JobFileReader.read(path, List.of(), name -> null))
        .isInstanceOf(InvalidFileException.class);
  }
}
