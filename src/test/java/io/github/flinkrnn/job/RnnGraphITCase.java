package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.GoldenCase;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.SequentialReference;
import io.github.flinkrnn.operator.StepBits;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The production graph on a cluster gives the bits of a sequential run, at any parallelism. */
class RnnGraphITCase {
  private static final int KEYS = 50;
  private static final int TOKENS = 2000;
  private static final int HALF = 1000;
  private static final long PATIENCE = 60; // seconds, for something that takes one

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private GoldenCase golden;
  private List<Token> tokens;
  private Map<String, List<StepBits>> expected;

  @BeforeEach
  void readGolden() throws Exception {
    golden = GoldenCase.of("rnn-tanh");
    tokens = tokens();
    expected = byKey(new SequentialReference(golden.load()).steps(tokens));
    assertThat(expected).hasSize(KEYS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void predictsEachKeyInOrderBitForBit(int parallelism) throws Exception {
    GatedRecords.permit(Long.MAX_VALUE);
    CollectedPredictions.expect(TOKENS);
    finish(start("hashmap", parallelism, SavepointRestoreSettings.none()));
    assertThat(byKey(CollectedPredictions.steps())).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"hashmap, hashmap", "rocksdb, rocksdb", "hashmap, rocksdb", "rocksdb, hashmap"})
  void continuesFromASavepointAtAnotherParallelism(
      String before, String after, @TempDir Path savepoints) throws Exception {
    GatedRecords.permit(HALF);
    CollectedPredictions.expect(HALF);
    JobClient first = start(before, 2, SavepointRestoreSettings.none());
    assertThat(CollectedPredictions.await(PATIENCE)).as("the first half came").isTrue();
    String savepoint =
        first
            .stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
            .get(PATIENCE, TimeUnit.SECONDS);
    finish(first);
    List<StepBits> steps = CollectedPredictions.steps();
    assertThat(steps).hasSizeBetween(HALF, TOKENS - 1);

    GatedRecords.permit(Long.MAX_VALUE);
    CollectedPredictions.expect(TOKENS - steps.size());
    finish(start(after, 3, SavepointRestoreSettings.forPath(savepoint, false)));
    steps.addAll(CollectedPredictions.steps());
    assertThat(steps).as("nothing lost, nothing twice").hasSize(TOKENS);
    assertThat(byKey(steps)).isEqualTo(expected);
  }

  private JobClient start(String backend, int parallelism, SavepointRestoreSettings savepoint)
      throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(StateBackendOptions.STATE_BACKEND, backend);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setParallelism(parallelism);
    RnnGraph graph =
        RnnGraph.of(
            GatedRecords.of(environment, tokens),
            new TokenDecodeFunction(
                new ModelLocation(golden.model().toString()),
                TokenFields.TOP_LEVEL,
                TokenDecoder.DEFAULT_MAX_BYTES,
                false),
            golden.recurrence().withIdleTimeout(Duration.ofHours(1)));
    graph.predictions().sinkTo(new CollectedPredictions()).uid("predictions");
    graph.rejected().sinkTo(new DiscardingSink<>()).uid("rejected");
    StreamGraph job = environment.getStreamGraph();
    job.setSavepointRestoreSettings(savepoint);
    return environment.executeAsync(job);
  }

  private static void finish(JobClient job) throws Exception {
    assertThat(job.getJobExecutionResult().get(PATIENCE, TimeUnit.SECONDS)).isNotNull();
  }

  /** Randomly interleaved. Now and then a sequence starts or ends. */
  private static List<Token> tokens() {
    Random random = new Random(23);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      Token token =
          Token.of(
              "k" + (i < KEYS ? i : random.nextInt(KEYS)),
              (float) random.nextGaussian(),
              (float) random.nextGaussian(),
              (float) random.nextGaussian());
      int end = random.nextInt(100);
      tokens.add(end == 0 ? token.first() : end == 1 ? token.last() : token);
    }
    return tokens;
  }

  private static Map<String, List<StepBits>> byKey(List<StepBits> steps) {
    Map<String, List<StepBits>> byKey = new TreeMap<>();
    for (StepBits step : steps) {
      byKey.computeIfAbsent(step.key(), key -> new ArrayList<>()).add(step);
    }
    return byKey;
  }
}
