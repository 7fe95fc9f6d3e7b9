package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deduplication in the order of arrival: each number is taken once. */
class DuplicatesTest {
  private static final long TIMEOUT = 1600;

  @TempDir private Path directory;
  private Path model;
  private RnnFunction<String, Token, Prediction> function;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory);
    function =
        GoldenCase.withNumbers(model)
            .with(
                SequenceOptions.DEFAULT
                    .withOrder(OrderOptions.ARRIVAL.withoutDuplicates())
                    .withIdleTimeout(Duration.ofMillis(TIMEOUT), false));
  }

  private static Token token(long seq) {
    return Token.of("k", "cat").at(seq);
  }

  @Test
  void aNumberThatIsNotAboveTheLastIsDroppedAndCounted() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function)) {
      assertThat(harness.t(token(5))).isEqualTo(1);
      assertThat(harness.process(token(5))).isEmpty();
      assertThat(harness.process(token(4))).isEmpty();
      assertThat(harness.t(token(9))).isEqualTo(2);
      assertThat(harness.metrics().count("duplicates")).isEqualTo(2);
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.entries()).as("one entry of state").isEqualTo(1);
      assertThat(harness.timers()).isEqualTo(1);
    }
  }

  @Test
  void theNumberOutlivesTheEndOfItsSequenceUntilTheKeyIsSilent() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function)) {
      harness.process(token(1));
      harness.process(token(2).last());
      assertThat(harness.entries()).as("only the position").isEqualTo(1);
      assertThat(harness.process(token(2).last())).as("the end, once more").isEmpty();
      assertThat(harness.t(token(3))).isEqualTo(1);
      harness.time(TIMEOUT * 2);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
      assertThat(harness.t(token(1))).as("a key like any new one").isEqualTo(1);
    }
  }

  /** An at-least-once producer sends everything again from some point on. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void replaysUpstreamLeaveTheOutputOfEachTokenOnce(int parallelism) throws Exception {
    Random random = new Random(parallelism);
    List<Token> sent = Arrivals.inOrder(5, 100, random);
    List<Token> arriving = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      arriving.add(sent.get(i));
      if (random.nextInt(25) == 0) {
        arriving.addAll(sent.subList(Math.max(0, i - 20), i + 1));
      }
    }
    List<StepBits> expected = new SequentialReference(RnnModel.load(model)).steps(sent);
    OrderedRun run = new OrderedRun(function, parallelism, random);
    for (Token token : arriving) {
      run.process(token);
    }
    assertThat(OrderedRun.byKey(run.steps())).isEqualTo(OrderedRun.byKey(expected));
    assertThat(run.duplicates()).isEqualTo(arriving.size() - sent.size()).isGreaterThan(100);
    run.close();
  }

  @Test
  void aTokenWithoutANumberIsRejected() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function)) {
      List<Prediction> none = harness.process(Token.of("k", "cat"));
      assertThat(none).isEmpty();
      assertThat(harness.rejected().get(0).detail())
          .isEqualTo("seq: missing: expected an integer, which this job needs");
    }
  }
}
