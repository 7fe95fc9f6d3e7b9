package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cache of states in the operator, above RocksDB. */
class StateCacheRocksDbTest {
  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> function;

  @BeforeEach
  void writeModel() throws Exception {
    function =
        GoldenCase.withNumbers(ModelDirectory.words(directory))
            .with(GoldenCase.NUMBERS.withEnds())
            .with(new BatchOptions(4, Duration.ofMinutes(1)));
  }

  private RnnFunction<String, Token, Prediction> cached(long bytes) {
    return function.withStateCache(new MemorySize(bytes));
  }

  private static void step(RnnHarness harness, String... keys) throws Exception {
    for (String key : keys) {
      harness.arrive(Token.of(key, "cat"));
    }
    harness.idle();
  }

  private static List<Long> counts(RnnHarness harness) {
    return List.of(
        harness.metrics().count("stateCacheHits"),
        harness.metrics().count("stateCacheMisses"),
        harness.metrics().count("stateCacheEvictions"));
  }

  @Test
  void statesAreWrittenBeforeTheBarrier() throws Exception {
    try (RnnHarness harness = RnnHarness.onRocksDb(cached(1 << 20))) {
      step(harness, "a", "b", "a");
      assertThat(harness.stored("sequence")).isEmpty();
      assertThat(harness.metrics().gauge("stateCacheDirty")).isEqualTo(2);
      assertThat((Long) harness.metrics().gauge("stateCacheBytes")).isBetween(400L, 600L);
      harness.barrier();
      assertThat(harness.stored("sequence")).containsExactlyInAnyOrder("a", "b");
      assertThat(harness.metrics().gauge("stateCacheDirty")).isEqualTo(0);
      assertThat(counts(harness)).containsExactly(1L, 2L, 0L);
    }
  }

  /** The end of the stream is another kind of barrier. */
  @Test
  void statesAreWrittenAtTheEnd() throws Exception {
    try (RnnHarness harness = RnnHarness.onRocksDb(cached(1 << 20))) {
      step(harness, "a", "b", "a");
      harness.flink.getOperator().finish();
      assertThat(harness.stored("sequence")).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void aSequenceThatEndsBeforeACheckpointNeverReachesRocksDb() throws Exception {
    try (RnnHarness harness = RnnHarness.onRocksDb(cached(1 << 20))) {
      harness.arrive(Token.of("a", "cat"));
      harness.arrive(Token.of("a", "sat").last());
      harness.idle();
      assertThat(harness.metrics().gauge("stateCacheBytes")).isEqualTo(0L);
      harness.barrier();
      assertThat(harness.stored("sequence")).isEmpty();
      assertThat(harness.ended()).containsExactly("a 2 end");
    }
  }

  /** A timer of a key is set and fires for that key, also while another one leaves the cache. */
  @Test
  void timersBelongToTheirKeys() throws Exception {
    function = function.withIdleTimeout(Duration.ofMillis(1600));
    try (RnnHarness harness = RnnHarness.onRocksDb(cached(600))) { // two keys
      step(harness, "a", "b", "c", "d", "e");
      step(harness, "a", "b");
      harness.time(800);
      step(harness, "c");
      assertThat(counts(harness).get(2)).isGreaterThan(4);
      harness.time(1700);
      assertThat(harness.ended())
          .containsExactlyInAnyOrder(
              "a 2 idle-timeout", "b 2 idle-timeout", "d 1 idle-timeout", "e 1 idle-timeout");
      harness.time(2500);
      assertThat(harness.ended()).last().isEqualTo("c 2 idle-timeout");
      harness.barrier();
      assertThat(harness.stored("sequence")).isEmpty();
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void thereIsNoneOnTheHeap() throws Exception {
    try (RnnHarness harness = RnnHarness.open(cached(1 << 20))) {
      step(harness, "a", "b", "a");
      assertThat(harness.stored("sequence")).containsExactlyInAnyOrder("a", "b");
      assertThatThrownBy(() -> harness.metrics().gauge("stateCacheBytes"))
          .hasMessage("metrics named stateCacheBytes: []");
    }
  }

  /** With any size of cache and batch, before and after a restore, the predictions are the same. */
  @ParameterizedTest
  @CsvSource({"0, 1, 700, 4", "700, 4, 0, 1", "1, 4, 100000, 1", "100000, 1, 2000, 7"})
  void theSizeCanChange(long firstCache, int firstBatch, long secondCache, int secondBatch)
      throws Exception {
    List<Token> tokens = Arrivals.inOrder(9, 60, new Random(5));
    int half = tokens.size() / 2;
    try (RnnModel model = RnnModel.load(directory)) {
      List<StepBits> expected = new SequentialReference(model).steps(tokens);
      OperatorSubtaskState snapshot;
      Duration wait = Duration.ofMinutes(1);
      try (RnnHarness harness =
          RnnHarness.onRocksDb(cached(firstCache).with(new BatchOptions(firstBatch, wait)))) {
        for (Token token : tokens.subList(0, half)) {
          harness.arrive(token);
        }
        snapshot = harness.snapshot();
        assertThat(harness.all().stream().map(StepBits::of))
            .containsExactlyElementsOf(expected.subList(0, half));
        for (Token token : tokens.subList(half, half + 20)) { // lost with the failure
          harness.arrive(token);
        }
      }
      try (RnnHarness harness =
          RnnHarness.restore(
              cached(secondCache).with(new BatchOptions(secondBatch, wait)),
              snapshot,
              0,
              1,
              0,
              true)) {
        for (Token token : tokens.subList(half, tokens.size())) {
          harness.arrive(token);
        }
        harness.idle();
        assertThat(harness.all().stream().map(StepBits::of))
            .containsExactlyElementsOf(expected.subList(half, tokens.size()));
      }
    }
  }
}
