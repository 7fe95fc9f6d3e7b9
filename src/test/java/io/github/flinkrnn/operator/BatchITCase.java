package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches in a job: what Flink tells an idle task, and batch execution mode. */
@Timeout(120)
class BatchITCase {
  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(4);

  @TempDir private Path directory;

  private RnnFunction<String, Token, Prediction> function(BatchOptions batches) throws Exception {
    return GoldenCase.withNumbers(ModelDirectory.words(directory)).with(batches);
  }

  private static List<Token> tokens(int count) {
    Random random = new Random(31);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words = {"the", "cat", "sat", "down"};
      tokens.add(Token.of("k" + random.nextInt(20), words[random.nextInt(4)]).atTime(i));
    }
    return tokens;
  }

  /** A source that gives the tokens, and then stays open without any more. */
  private static DataStream<Token> open(StreamExecutionEnvironment env, List<Token> tokens) {
    String[] keys = tokens.stream().map(Token::key).toArray(String[]::new);
    String[] words = tokens.stream().map(Token::token).toArray(String[]::new);
    int count = keys.length;
    GeneratorFunction<Long, Token> next =
        index -> Token.of(keys[Math.toIntExact(index)], words[Math.toIntExact(index)]);
    return env.fromSource(
            new DataGeneratorSource<>(
                next,
                Long.MAX_VALUE,
                parallelism -> new Gate(count),
                TypeInformation.of(Token.class)),
            WatermarkStrategy.noWatermarks(),
            "tokens")
        .setParallelism(1);
  }

  /** Lets a number of records through. */
  private static final class Gate implements RateLimiter<NumberSequenceSplit> {
    private long left;

    Gate(long left) {
      this.left = left;
    }

    @Override
    public CompletableFuture<Void> acquire(int records) {
      left -= records;
      return left >= 0 ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
    }
  }

  /**
   * The batch is never full, the longest wait is a minute, and there is no checkpoint, watermark or
   * end: only the idle signal computes these steps. It depends on an internal class of Flink.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "50, 1", "50, 3"})
  void anIdleTaskComputesItsTokens(int count, int parallelism) throws Exception {
    List<Token> tokens = tokens(count);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    KeyedStream<Token, String> keyed = open(env, tokens).keyBy(Token::key, Types.STRING);
    CloseableIterator<Prediction> predictions =
        function(new BatchOptions(1024, Duration.ofMinutes(1))).applyTo(keyed).collectAsync();
    JobClient job = env.executeAsync();
    CompletableFuture<List<StepBits>> found =
        CompletableFuture.supplyAsync(
            () -> {
              List<StepBits> steps = new ArrayList<>();
              while (steps.size() < count) {
                steps.add(StepBits.of(predictions.next()));
              }
              return steps;
            });
    try (RnnModel model = RnnModel.load(directory)) {
      assertThat(OrderedRun.byKey(found.get(40, TimeUnit.SECONDS)))
          .isEqualTo(OrderedRun.byKey(new SequentialReference(model).steps(tokens)));
    } finally {
      job.cancel().get(30, TimeUnit.SECONDS);
      predictions.close();
    }
  }

  /** Flink sorts the input by key and time, and a key has no state after its last token. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void batchExecutionModeGivesTheSamePredictions(int parallelism) throws Exception {
    List<Token> tokens = tokens(300);
    List<StepBits> together = run(tokens, parallelism, RuntimeExecutionMode.BATCH, true);
    List<StepBits> plain = run(tokens, parallelism, RuntimeExecutionMode.BATCH, false);
    assertThat(together).hasSize(300);
    assertThat(OrderedRun.byKey(together)).isEqualTo(OrderedRun.byKey(plain));
    try (RnnModel model = RnnModel.load(directory)) {
      assertThat(OrderedRun.byKey(together))
          .isEqualTo(OrderedRun.byKey(new SequentialReference(model).steps(tokens)));
    }
  }

  /** A bounded stream ends while tokens wait. */
  @Test
  void aStreamThatEndsGivesThemToo() throws Exception {
    List<Token> tokens = tokens(300);
    assertThat(OrderedRun.byKey(run(tokens, 2, RuntimeExecutionMode.STREAMING, true)))
        .isEqualTo(OrderedRun.byKey(run(tokens, 2, RuntimeExecutionMode.STREAMING, false)));
  }

  private List<StepBits> run(
      List<Token> tokens, int parallelism, RuntimeExecutionMode mode, boolean batches)
      throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    env.setRuntimeMode(mode);
    KeyedStream<Token, String> keyed =
        env.fromData(tokens, TypeInformation.of(Token.class))
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Token>forMonotonousTimestamps()
                    .withTimestampAssigner((token, before) -> token.timestamp()))
            .setParallelism(1)
            .keyBy(Token::key, Types.STRING);
    RnnFunction<String, Token, Prediction> function =
        function(new BatchOptions(8, Duration.ofMinutes(1)));
    return (batches ? function.applyTo(keyed) : keyed.process(function))
        .executeAndCollect(tokens.size() + 1).stream().map(StepBits::of).toList();
  }

  /**
   * Without batches and a cache, the operator has the name and the type of output that {@code
   * keyed.process} gives it.
   */
  @Test
  void oneTokenAtATimeIsFlinksOwnOperator() throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    KeyedStream<Token, String> keyed =
        env.fromData(tokens(1), TypeInformation.of(Token.class)).keyBy(Token::key, Types.STRING);
    var batches = function(new BatchOptions(32, Duration.ofMillis(2))).applyTo(keyed);
    var single =
        function(new BatchOptions(1, Duration.ofMillis(2)))
            .withStateCache(MemorySize.ZERO)
            .applyTo(keyed);
    assertThat(batches.getTransformation().getName()).isEqualTo("rnn");
    assertThat(single.getTransformation().getName()).isEqualTo("KeyedProcess");
    assertThat(batches.getType()).isEqualTo(single.getType());
    assertThat(batches.getTransformation().getMaxParallelism())
        .isEqualTo(single.getTransformation().getMaxParallelism());
  }
}
