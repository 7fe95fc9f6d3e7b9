package io.github.flinkrnn.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.RnnGraph;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.job.TokenDecodeFunction;
import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.RejectedRecordEncoder;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job from file to file: each line once and in order, with and without a failure. */
class FileToFileITCase {
  private static final int LINES = 100_000;
  private static final int BAD_EVERY = 100;

  @RegisterExtension static final MiniClusterExtension CLUSTER = MiniClusters.withSlots(2);

  @TempDir private Path directory;

  @BeforeEach
  void writeJobModelAndTokens() throws IOException {
    FailingOnce.reset();
    Path model = Files.createDirectory(directory.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{\"input\":{\"type\":\"vocabulary\"}}");
    Files.writeString(model.resolve("vocab.txt"), "a\nb\nc\n");
    Files.writeString(
        model.resolve("parameters.json"),
        """
        {"Waa": [[0.9, -0.4], [0.3, 0.8]], "Wax": [[0.5, -0.7, 0.1], [0.2, 0.6, -0.9]],
         "Wya": [[1.0, -1.0], [0.5, 2.0]], "ba": [0.1, -0.1], "by": [0.0, 0.3]}
        """);
    List<String> lines = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < LINES; i++) {
      String word = i % BAD_EVERY == 0 ? "z" : Character.toString('a' + random.nextInt(3));
      int key = random.nextInt(7);
      lines.add("{\"key\":\"k" + key + "\",\"token\":\"" + word + "\",\"seq\":" + i + "}");
    }
    Files.write(directory.resolve("in.jsonl"), lines);
    Files.writeString(
        directory.resolve("job.yaml"),
        """
        name: file-to-file
        model: model
        source: {type: file, path: in.jsonl}
        sink: {type: file, path: out.jsonl}
        dead_letters: {type: file, path: rejected.jsonl}
        output: {fields: [token, prediction, hidden, seq]}
        """);
  }

  private JobFile job(int parallelism, String... flink) {
    List<String> overrides = new ArrayList<>();
    overrides.add("flink.parallelism.default=" + parallelism);
    for (String option : flink) {
      overrides.add("flink." + option);
    }
    return JobFileReader.read(directory.resolve("job.yaml").toString(), overrides, name -> null);
  }

  /** Runs the job as a user would. */
  private void run(JobFile job) throws Exception {
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    env.execute(job.name());
  }

  /** The same with a failure between source and graph. */
  private void runFailing(int parallelism) throws Exception {
    JobFile job =
        job(
            parallelism,
            "execution.checkpointing.interval=20ms",
            "restart-strategy.type=fixed-delay",
            "restart-strategy.fixed-delay.attempts=1",
            "restart-strategy.fixed-delay.delay=0s");
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    String in = ((SourceSpec.File) job.source()).path();
    RnnGraph graph =
        RnnGraph.of(
            LineFormat.stream(env, in, job.maxRecordBytes(), WatermarkStrategy.noWatermarks())
                .uid("source")
                .map(new FailingOnce())
                .returns(TypeInformation.of(SourceRecord.class))
                .uid("failure"),
            new TokenDecodeFunction(job.model(), job.fields(), job.maxRecordBytes(), false),
            RnnFunction.of(job.model().uri()).with(job.output()));
    LineFileSink.attach(
            graph.predictions(),
            ((SinkSpec.File) job.sink()).path(),
            new PredictionEncoder(job.carriedNames()))
        .uid("predictions");
    LineFileSink.attach(
            graph.rejected(),
            ((SinkSpec.File) job.deadLetters().orElseThrow()).path(),
            new RejectedRecordEncoder())
        .uid("dead-letters");
    env.execute(job.name());
    assertThat(FailingOnce.FAILURES).hasValue(1);
    assertThat(FailingOnce.RESTORES).hasPositiveValue();
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(directory.resolve(file));
  }

  @Test
  void keepsTheFilesOrderWithParallelismOne() throws Exception {
    run(job(1));
    List<String> predictions = lines("out.jsonl");
    List<String> rejected = lines("rejected.jsonl");
    assertThat(predictions).hasSize(LINES - LINES / BAD_EVERY);
    assertThat(rejected).hasSize(LINES / BAD_EVERY);
    int prediction = 0;
    for (int i = 0; i < LINES; i++) {
      if (i % BAD_EVERY == 0) {
        assertThat(rejected.get(i / BAD_EVERY))
            .startsWith("{\"reason\":\"unknown-token\"")
            .contains("in.jsonl\",\"partition\":0,\"offset\":" + i + ",");
      } else {
        assertThat(predictions.get(prediction++)).endsWith(",\"seq\":" + i + "}");
      }
    }
  }

  @Test
  void writesEachLineOnceDespiteAFailure() throws Exception {
    run(job(1));
    List<String> predictions = lines("out.jsonl");
    List<String> rejected = lines("rejected.jsonl");
    runFailing(1);
    assertThat(lines("out.jsonl").equals(predictions)).isTrue();
    assertThat(lines("rejected.jsonl").equals(rejected)).isTrue();
  }

  /** Keys may overtake each other, but tokens of a key must not: the hidden states would differ. */
  @Test
  void writesEachLineOnceDespiteAFailureInParallel() throws Exception {
    run(job(1));
    List<String> predictions = lines("out.jsonl");
    List<String> rejected = lines("rejected.jsonl");
    runFailing(2);
    for (int key = 0; key < 7; key++) {
      String start = "{\"key\":\"k" + key + "\",";
      assertThat(startingWith(start, lines("out.jsonl")).equals(startingWith(start, predictions)))
          .isTrue();
    }
    assertThat(lines("out.jsonl")).hasSameSizeAs(predictions);
    // A word is looked up after the shuffle, so dead letters of different keys may overtake each
    // other.
    assertThat(lines("rejected.jsonl").stream().sorted().toList())
        .isEqualTo(rejected.stream().sorted().toList());
  }

  private static List<String> startingWith(String start, List<String> lines) {
    return lines.stream().filter(line -> line.startsWith(start)).toList();
  }
}
