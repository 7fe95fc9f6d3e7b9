package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.watermark.LongWatermark;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributesBuilder;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the steps of tokens that arrived are computed, and in which order. */
class BatchingOperatorTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> recurrence;

  @BeforeEach
  void writeModel() throws Exception {
    recurrence = GoldenCase.withNumbers(ModelDirectory.words(directory));
  }

  private RnnHarness open(int size) throws Exception {
    return RnnHarness.open(recurrence.with(new BatchOptions(size, MINUTE)));
  }

  /** The first letter of each is the key. */
  private static void arrive(RnnHarness harness, String... tokens) throws Exception {
    for (String token : tokens) {
      harness.arrive(Token.of(token.substring(0, 1), "cat"));
    }
  }

  /** The predictions so far, each as its key and t. */
  private static List<String> all(RnnHarness harness) {
    return harness.all().stream().map(step -> step.key() + step.t()).toList();
  }

  @Test
  void whenTheBatchIsFullAndNotBefore() throws Exception {
    try (RnnHarness harness = open(3)) {
      arrive(harness, "a1", "b1");
      assertThat(all(harness)).isEmpty();
      assertThat(harness.entries()).isZero();
      arrive(harness, "c1");
      assertThat(all(harness)).containsExactly("a1", "b1", "c1");
      assertThat(harness.entries()).isEqualTo(3);
      arrive(harness, "d1", "a2");
      assertThat(all(harness)).hasSize(3);
      arrive(harness, "c2");
      assertThat(all(harness)).containsExactly("a1", "b1", "c1", "d1", "a2", "c2");
    }
  }

  @Test
  void whenTheTaskIsIdle() throws Exception {
    try (RnnHarness harness = open(32)) {
      harness.idle();
      arrive(harness, "a1", "b1", "a2");
      assertThat(all(harness)).isEmpty();
      harness.idle();
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      harness.idle();
      arrive(harness, "b2");
      assertThat(all(harness)).hasSize(3);
      harness.idle();
      assertThat(all(harness)).containsExactly("a1", "b1", "a2", "b2");
    }
  }

  @Test
  void afterTheLongestWait() throws Exception {
    BatchOptions tenMillis = new BatchOptions(32, Duration.ofMillis(10));
    try (RnnHarness harness = RnnHarness.restore(recurrence.with(tenMillis), null, 1000)) {
      arrive(harness, "a1", "a2");
      harness.time(1004);
      arrive(harness, "b1");
      harness.time(1009);
      assertThat(all(harness)).isEmpty();
      assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers()).isEqualTo(1);
      harness.time(1010);
      assertThat(all(harness)).containsExactly("a1", "a2", "b1");
      assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers()).isZero();

      harness.time(1015);
      arrive(harness, "b2");
      harness.time(1024);
      assertThat(all(harness)).hasSize(3);
      harness.time(1025);
      assertThat(all(harness)).hasSize(4);
    }
  }

  /** The timer of a batch that was computed before may come early for the next one, never late. */
  @Test
  void noTokenWaitsLongerAfterABatchThatWasComputedBefore() throws Exception {
    BatchOptions tenMillis = new BatchOptions(2, Duration.ofMillis(10));
    try (RnnHarness harness = RnnHarness.open(recurrence.with(tenMillis))) {
      arrive(harness, "a1");
      harness.idle();
      harness.time(4);
      arrive(harness, "a2", "b1"); // full
      harness.time(7);
      arrive(harness, "c1");
      harness.time(10);
      assertThat(all(harness)).containsExactly("a1", "a2", "b1", "c1");
      arrive(harness, "d1", "d2", "d3"); // full of one key: d1 is computed
      assertThat(all(harness)).endsWith("c1", "d1");
      harness.time(19);
      assertThat(all(harness)).endsWith("c1", "d1");
      harness.time(20);
      assertThat(all(harness)).endsWith("c1", "d1", "d2", "d3");
    }
  }

  @Test
  void beforeABarrier() throws Exception {
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      harness.barrier();
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.entries()).isEqualTo(2);
    }
  }

  @Test
  void beforeAWatermark() throws Exception {
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      harness.watermark(5);
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.output()).hasSize(4).last().isEqualTo(new Watermark(5));
    }
  }

  /**
   * An operator after this one stops waiting for the watermark of an idle input. A prediction that
   * came later could be late.
   */
  @Test
  void beforeTheInputIsIdleInEventTime() throws Exception {
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      harness.flink.processWatermarkStatus(WatermarkStatus.IDLE);
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.output()).hasSize(4).last().isEqualTo(WatermarkStatus.IDLE);
    }
  }

  /** Also before a change of backlog, after which an operator may sort its input. */
  @Test
  void beforeTheInputIsABacklog() throws Exception {
    RecordAttributes backlog = new RecordAttributesBuilder(List.of()).setBacklog(true).build();
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      harness.flink.processRecordAttributes(backlog);
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.output()).hasSize(4).last().isEqualTo(backlog);
    }
  }

  /** A watermark of Flink's newer kind, which a program defines. */
  @Test
  void beforeAWatermarkOfAProgram() throws Exception {
    WatermarkEvent own = new WatermarkEvent(new LongWatermark(7, "own"), false);
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      ((BatchingOperator<?, ?, ?>) harness.flink.getOneInputOperator()).processWatermark(own);
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
    }
  }

  @Test
  void beforeATimerOfAnotherKey() throws Exception {
    RnnFunction<String, Token, Prediction> idle =
        recurrence
            .with(GoldenCase.NUMBERS.withEnds())
            .withIdleTimeout(Duration.ofMillis(1600))
            .with(new BatchOptions(32, MINUTE));
    try (RnnHarness harness = RnnHarness.open(idle)) {
      arrive(harness, "x1");
      harness.idle();
      harness.time(1500);
      arrive(harness, "a1", "b1", "a2");
      harness.time(1599);
      assertThat(all(harness)).containsExactly("x1");
      assertThat(harness.timers()).isEqualTo(1);
      harness.time(1600);
      assertThat(all(harness)).containsExactly("x1", "a1", "b1", "a2");
      assertThat(harness.ended()).containsExactly("x 1 idle-timeout");
      assertThat(harness.timers()).isEqualTo(2);
      harness.time(3200);
      assertThat(harness.ended())
          .containsExactlyInAnyOrder("x 1 idle-timeout", "a 2 idle-timeout", "b 1 idle-timeout");
      assertThat(harness.timers()).isZero();
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void atTheEnd() throws Exception {
    try (RnnHarness harness = open(32)) {
      arrive(harness, "a1", "b1", "a2");
      harness.flink.getOperator().finish();
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
    }
  }

  @Test
  void aSecondTokenOfAKeyWaitsForTheNextBatch() throws Exception {
    try (RnnHarness harness = open(3)) {
      arrive(harness, "a1", "a2", "b1", "c1");
      assertThat(all(harness)).containsExactly("a1");
      assertThat(harness.entries()).as("computed, and held behind a2").isEqualTo(3);
      arrive(harness, "a3", "d1");
      assertThat(all(harness)).hasSize(1);
      arrive(harness, "e1");
      assertThat(all(harness)).containsExactly("a1", "a2", "b1", "c1");
      assertThat(harness.entries()).isEqualTo(5);
      harness.idle();
      assertThat(all(harness)).containsExactly("a1", "a2", "b1", "c1", "a3", "d1", "e1");
    }
  }

  @Test
  void aHotKeyDoesNotHoldUpTheStepsOfOthers() throws Exception {
    try (RnnHarness harness = open(3)) {
      arrive(harness, "h1", "h2", "h3");
      assertThat(all(harness)).isEmpty();
      arrive(harness, "h4");
      assertThat(all(harness)).as("three wait behind the first").containsExactly("h1");
      arrive(harness, "h5");
      assertThat(all(harness)).containsExactly("h1", "h2");
      arrive(harness, "a1", "b1");
      assertThat(all(harness)).containsExactly("h1", "h2", "h3");
      assertThat(harness.entries()).as("a and b are computed").isEqualTo(3);
      harness.idle();
      assertThat(all(harness)).containsExactly("h1", "h2", "h3", "h4", "h5", "a1", "b1");
    }
  }

  /**
   * One key has more tokens than there are batches, so its latest ones wait, and the predictions of
   * others behind them.
   *
   * @param every which tokens are of that key
   * @param most how many tokens have no prediction yet, at most
   */
  @ParameterizedTest
  @CsvSource({"8, 5, 40", "32, 20, 511"})
  void predictionsAreInTheOrderOfTheTokens(int size, int every, int most) throws Exception {
    try (RnnHarness harness = open(size)) {
      List<String> arrived = new ArrayList<>();
      int longest = 0;
      for (int i = 0; i < 20_000; i++) {
        String key = i % every == 0 ? "hot" : "k" + i % 997;
        harness.arrive(Token.of(key, "cat"));
        arrived.add(key);
        longest = Math.max(longest, arrived.size() - harness.all().size());
      }
      harness.idle();
      assertThat(harness.all()).extracting(Prediction::key).isEqualTo(arrived);
      assertThat(longest).isEqualTo(most);
    }
  }

  /** After 256 tokens of one key, its next ones are not collected, until another key comes. */
  @Test
  void theOnlyKeyIsComputedAtOnce() throws Exception {
    try (RnnHarness harness = open(8)) {
      for (int i = 0; i < 256 + 8; i++) {
        arrive(harness, "h");
      }
      assertThat(harness.all()).hasSize(256);
      arrive(harness, "h");
      assertThat(all(harness)).hasSize(256 + 9).endsWith("h264", "h265");
      arrive(harness, "h", "h");
      assertThat(all(harness)).hasSize(256 + 11).endsWith("h267");
      arrive(harness, "a");
      assertThat(harness.all()).hasSize(256 + 11);
      arrive(harness, "h");
      assertThat(all(harness)).endsWith("h267", "a1", "h268");
      arrive(harness, "h", "b");
      assertThat(all(harness)).endsWith("a1", "h268");
      harness.idle();
      assertThat(all(harness)).endsWith("h268", "h269", "b1");
    }
  }

  /** The states after a batch are those of steps one after the other. */
  @Test
  void aFewKeysInManyBatchesHaveTheBitsOfOneByOne() throws Exception {
    List<Token> tokens = Arrivals.inOrder(5, 40, new Random(3));
    try (RnnModel model = RnnModel.load(directory);
        RnnHarness harness = open(3)) {
      for (Token token : tokens) {
        harness.arrive(token);
      }
      harness.idle();
      assertThat(OrderedRun.byKey(harness.all().stream().map(StepBits::of).toList()))
          .isEqualTo(OrderedRun.byKey(new SequentialReference(model).steps(tokens)));
    }
  }

  @Test
  void eachRecordHasTheTimestampOfItsToken() throws Exception {
    recurrence = recurrence.with(GoldenCase.NUMBERS.withEnds());
    try (RnnHarness harness = open(32)) {
      harness.flink.processElement(Token.of("a", "cat"), 11);
      harness.flink.processElement(Token.of("b", "zebra"), 12);
      harness.flink.processElement(Token.of("c", "cat").last(), 13);
      harness.flink.processElement(Token.of("a", "sat").last(), 14);
      harness.flink.processElement(Token.of("b", "yak"), 15);
      harness.flink.processElement(new StreamRecord<>(Token.of("d", "sat")));
      harness.idle();
      assertThat(harness.records())
          .extracting(record -> record.getValue().key() + time(record))
          .containsExactly("a11", "c13", "a14", "d none");
      assertThat(harness.flink.getSideOutput(RnnFunction.REJECTED))
          .extracting(BatchingOperatorTest::time)
          .containsExactly("12", "15");
      assertThat(harness.flink.getSideOutput(RnnFunction.ENDED))
          .extracting(record -> record.getValue().key() + time(record))
          .containsExactly("c13", "a14");
    }
  }

  private static String time(StreamRecord<?> record) {
    return record.hasTimestamp() ? "" + record.getTimestamp() : " none";
  }

  /** The first batch of sixteen is measured. */
  @Test
  void theMetricHasTheNumberOfStepsInABatch() throws Exception {
    try (RnnHarness harness = open(5)) {
      harness.arrive(Token.of("z", "zebra")); // has no step
      arrive(harness, "a1", "b1", "a2", "c1");
      harness.idle(); // three together, and one
      assertThat(harness.metrics().values("batchSteps")).containsExactly(3L);
      for (int batch = 3; batch <= 16; batch++) {
        arrive(harness, "a", "b");
        harness.idle();
      }
      assertThat(harness.metrics().values("batchSteps")).containsExactly(3L);
      arrive(harness, "a", "b", "c", "d", "e"); // full
      assertThat(harness.metrics().values("batchSteps")).containsExactly(3L, 5L);
      assertThat(harness.metrics().samples("stepNanos")).isEqualTo(2);
      assertThat(harness.metrics().count("steps")).isEqualTo(4 + 14 * 2 + 5);
    }
  }

  @Test
  void aBatchOfOneIsComputedAtOnce() throws Exception {
    try (RnnHarness harness = open(1)) {
      arrive(harness, "a1");
      assertThat(all(harness)).containsExactly("a1");
      arrive(harness, "b1", "a2");
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers()).isZero();
      assertThat(harness.metrics().values("batchSteps")).containsExactly(1L);
    }
  }

  /** The steps of ONNX Runtime can fail one by one. */
  @Test
  void aStepGraphIsComputedAtOnce() throws Exception {
    Path graph = Files.createDirectory(directory.resolve("graph"));
    Files.write(graph.resolve("model.onnx"), SmallSteps.tableModel());
    Files.writeString(graph.resolve("config.json"), "{}");
    recurrence = GoldenCase.withNumbers(graph);
    try (RnnHarness harness = open(32)) {
      harness.arrive(Token.of("a", 2));
      assertThat(all(harness)).containsExactly("a1");
      harness.arrive(Token.of("b", 3));
      assertThat(harness.rejected()).hasSize(1);
      harness.arrive(Token.of("b", 1));
      harness.arrive(Token.of("a", 0));
      assertThat(all(harness)).containsExactly("a1", "b1", "a2");
      assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers()).isZero();
    }
  }

  /** An element and its prediction are joined, whatever comes between arrival and step. */
  @Test
  void aPredictionIsJoinedWithItsElement() throws Exception {
    RnnFunction<String, Token, Prediction> joined =
        RnnFunction.builder(directory.toString(), Token.class)
            .word(Token::token)
            .output(
                Prediction.class,
                (element, prediction) -> {
                  assertThat(element.token()).isEqualTo(prediction.token());
                  return prediction;
                })
            .with(OutputOptions.DEFAULT.withFields(List.of(OutputField.TOKEN)))
            .with(SequenceOptions.DEFAULT)
            .with(new BatchOptions(4, MINUTE))
            .build();
    try (RnnHarness harness = RnnHarness.open(joined)) {
      harness.arrive(Token.of("a", "cat"));
      harness.arrive(Token.of("b", "the"));
      harness.arrive(Token.of("c", "zebra"));
      harness.arrive(Token.of("a", "down"));
      harness.arrive(Token.of("d", "sat"));
      assertThat(harness.all()).extracting(Prediction::token).containsExactly("cat", "the");
      harness.idle();
      assertThat(harness.all())
          .extracting(Prediction::token)
          .containsExactly("cat", "the", "down", "sat");
    }
  }
}
