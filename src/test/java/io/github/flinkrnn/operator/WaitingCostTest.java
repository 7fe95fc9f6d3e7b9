package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A waiting token costs its own size once, and all waiting tokens of a key have a limit in bytes.
 */
class WaitingCostTest {
  private static final int CARRIED = 1 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory);
  }

  private RnnFunction<String, Token, Prediction> function(By by, int most) throws Exception {
    OrderOptions order = OrderOptions.of(by).withWaiting(Duration.ofSeconds(10), most);
    return RnnFunction.of(model.toString())
        .with(SequenceOptions.DEFAULT.withOrder(order))
        .withFields(OutputField.SEQ);
  }

  private static Token carrying(long number, int bytes) {
    String[] carried = {"1".repeat(bytes)};
    return new Token("k", "cat", null, number, number, false, false, carried, null);
  }

  private static List<Long> numbers(RnnHarness harness) {
    return harness.all().stream().map(Prediction::seq).toList();
  }

  /**
   * RocksDB allocates what it returns, so the allocated bytes show how much was read and written.
   */
  private static long allocated(RnnHarness harness, List<Token> tokens) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (Token token : tokens) {
      harness.process(token);
    }
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / tokens.size();
  }

  /** For a key that has a gap before each number, and whose buffer is full. */
  @ParameterizedTest
  @CsvSource({"SEQ, 800", "SEQ, 2000", "TIMESTAMP, 800"})
  void aTokenCostsTheSameIfManyWait(By by, int many) throws Exception {
    expectNoMore(perToken(by, 3, 50, 50), perToken(by, 3, many, many));
  }

  @Test
  void aTokenCostsTheSameIfManyWithItsTimeWait() throws Exception {
    expectNoMore(perToken(By.TIMESTAMP, 0, 5000, 50), perToken(By.TIMESTAMP, 0, 5000, 2000));
  }

  private static void expectNoMore(long few, long many) {
    // A few times its own 2 KB: it is written, and read if the first token is taken early.
    assertThat(few).isBetween(2_000L, 60_000L);
    assertThat(many).isLessThan(2 * few);
  }

  /** The bytes per token for tokens that arrive after {@code waiting} other tokens wait. */
  private long perToken(By by, int step, int most, int waiting) throws Exception {
    try (RnnHarness harness = RnnHarness.onRocksDb(function(by, most))) {
      List<Token> tokens =
          IntStream.range(0, waiting + 100)
              .mapToObj(i -> carrying(i + 1, 2000).atTime(1 + (long) i * step).at(5 + 3L * i))
              .toList();
      for (Token token : tokens.subList(0, waiting)) {
        harness.process(token);
      }
      return allocated(harness, tokens.subList(waiting, waiting + 100));
    }
  }

  /** Sixteen tokens of a megabyte and some bytes exceed the limit, by their serialized sizes. */
  @ParameterizedTest
  @EnumSource(names = {"SEQ", "TIMESTAMP"})
  void aboveTheLimitOfBytesTheFirstTokensAreTaken(By by) throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(by, 1000))) {
      TokenSerializer serializer = new TokenSerializer();
      long room = OrderOptions.MAX_WAITING_BYTES;
      for (int i = 1; i <= 15; i++) {
        Token token = carrying(10L * i, CARRIED);
        room -= serializer.serializedBytes(token);
        harness.process(token);
      }
      int without = serializer.serializedBytes(carrying(160, 1_000_000)) - 1_000_000;
      Token first = carrying(160, (int) room - without);
      assertThat(serializer.serializedBytes(first)).isEqualTo((int) room);
      harness.process(first);
      assertThat(numbers(harness)).as("exactly at the limit").isEmpty();
      harness.process(carrying(170, 1));
      assertThat(numbers(harness)).as("too many bytes").containsExactly(10L);
      harness.process(carrying(175, CARRIED - 100));
      assertThat(numbers(harness)).as("there is room now").containsExactly(10L);
      assertThat(harness.waiting()).isEqualTo(17);
      harness.process(carrying(180, 5 * CARRIED));
      assertThat(numbers(harness))
          .as("as many as necessary")
          .containsExactly(10L, 20L, 30L, 40L, 50L, 60L);
      harness.process(carrying(190, 17 * CARRIED));
      assertThat(numbers(harness)).as("all, including itself").hasSize(20).endsWith(180L, 190L);
      assertThat(harness.waiting()).isZero();
      int timers = harness.eventTimers();
      assertThat(timers).as("at most that of the latest token taken ahead").isLessThanOrEqualTo(1);
      harness.watermark(190);
      assertThat(harness.eventTimers()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void theSizeIsThatOfTheSerializedToken() throws Exception {
    assertThat(new TokenSerializer().serializedBytes(Token.of("k", "cat").at(1)))
        .as("length, fields, and three of 2, 4 and 1 bytes")
        .isEqualTo(9);
  }

  /** A job that had no first number gets one while tokens with smaller numbers wait. */
  @Test
  void tokensWithNumbersBelowTheFirstAreTakenBeforeIt() throws Exception {
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function(By.SEQ, 100))) {
      for (long number : new long[] {12, 5, 3}) {
        harness.process(carrying(number, 1));
      }
      snapshot = harness.snapshot();
    }
    RnnFunction<String, Token, Prediction> today =
        RnnFunction.of(model.toString())
            .with(SequenceOptions.DEFAULT.withOrder(OrderOptions.of(By.SEQ).from(10)))
            .withFields(OutputField.SEQ);
    try (RnnHarness harness = RnnHarness.restore(today, snapshot, 0)) {
      harness.process(carrying(11, 1));
      assertThat(numbers(harness)).containsExactly(3L, 5L);
      harness.process(carrying(10, 1));
      assertThat(numbers(harness)).containsExactly(3L, 5L, 10L, 11L, 12L);
      assertThat(harness.timers()).isZero();
    }
  }
}
