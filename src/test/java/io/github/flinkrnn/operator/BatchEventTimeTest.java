package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that a watermark releases are computed together, if they have the same time. */
class BatchEventTimeTest {
  private static final String[] WORDS = {"the", "cat", "sat", "down"};
  private static final OutputOptions OUTPUT =
      OutputOptions.DEFAULT
          .withFields(
              List.of(
                  OutputField.HIDDEN, OutputField.LOGITS, OutputField.SEQ, OutputField.TIMESTAMP))
          .withEnds();

  @TempDir private Path directory;
  private String model;

  @BeforeEach
  void writeModel() throws Exception {
    model = ModelDirectory.words(directory).toString();
  }

  private RnnFunction<String, Token, Prediction> function(
      SequenceOptions sequence, OutputOptions output) {
    return RnnFunction.of(model)
        .with(OnRejected.SIDE_OUTPUT)
        .with(output)
        .with(
            sequence.withOrder(
                OrderOptions.of(By.TIMESTAMP).withWaiting(Duration.ofSeconds(1), 100)));
  }

  private static RnnHarness open(RnnFunction<String, Token, Prediction> function, int size)
      throws Exception {
    return RnnHarness.open(function.with(new BatchOptions(size, Duration.ofMinutes(1))));
  }

  private static List<String> times(RnnHarness harness) {
    return harness.all().stream().map(step -> step.key() + step.timestamp()).toList();
  }

  @Test
  void oneBatchHasTheTokensOfOneMoment() throws Exception {
    try (RnnHarness harness = open(function(SequenceOptions.DEFAULT, OUTPUT), 32)) {
      for (String token : List.of("a10", "b20", "a20", "c10", "b10", "c30")) {
        long time = Long.parseLong(token.substring(1));
        harness.arrive(Token.of(token.substring(0, 1), "cat").atTime(time));
      }
      harness.watermark(9);
      assertThat(harness.all()).isEmpty();
      assertThat(harness.eventTimers()).isEqualTo(3);
      harness.watermark(20);
      assertThat(times(harness).subList(0, 3)).containsExactlyInAnyOrder("a10", "b10", "c10");
      assertThat(times(harness).subList(3, 5)).containsExactlyInAnyOrder("a20", "b20");
      assertThat(harness.output()).last().isEqualTo(new Watermark(20));
      assertThat(harness.metrics().values("batchSteps")).containsExactly(3L);
      assertThat(harness.eventTimers()).isEqualTo(1);
      harness.watermark(30);
      assertThat(times(harness)).endsWith("c30");
      assertThat(harness.eventTimers()).isZero();
      assertThat(harness.records())
          .as("of the timer")
          .allSatisfy(
              record -> assertThat(record.getTimestamp()).isEqualTo(record.getValue().timestamp()));
    }
  }

  /** Each token sets the timer of the next one of its key, when it is taken. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 32})
  void aTimerThatIsSetDuringAnAdvanceFiresInIt(int size) throws Exception {
    try (RnnHarness harness = open(function(SequenceOptions.DEFAULT, OUTPUT), size)) {
      for (int i = 0; i < 5; i++) {
        harness.arrive(Token.of("a", WORDS[i % 4]).atTime(50 - 10 * i));
        harness.arrive(Token.of("b", WORDS[i % 4]).atTime(45 - 10 * i));
      }
      harness.arrive(Token.of("c", "cat").atTime(100));
      harness.idle();
      assertThat(harness.eventTimers()).as("only of the earliest").isEqualTo(3);
      assertThat(harness.watermark(50)).hasSize(10);
      assertThat(times(harness))
          .containsExactly("b5", "a10", "b15", "a20", "b25", "a30", "b35", "a40", "b45", "a50");
      assertThat(harness.eventTimers()).isEqualTo(1);
      assertThat(harness.waiting("a")).isZero();
      assertThat(harness.waiting("c")).isEqualTo(1);
    }
  }

  /** More tokens of one moment than a batch has room for. */
  @Test
  void aMomentOfManyKeysTakesSeveralBatches() throws Exception {
    try (RnnHarness harness = open(function(SequenceOptions.DEFAULT, OUTPUT), 4)) {
      List<String> expected = new ArrayList<>();
      for (int time = 10; time <= 20; time += 10) {
        for (int key = 0; key < 10; key++) {
          harness.arrive(Token.of("k" + key + " ", "cat").atTime(time));
          expected.add("k" + key + " " + time);
        }
      }
      harness.watermark(20);
      assertThat(times(harness).subList(0, 10))
          .containsExactlyInAnyOrderElementsOf(expected.subList(0, 10));
      assertThat(times(harness).subList(10, 20))
          .containsExactlyInAnyOrderElementsOf(expected.subList(10, 20));
      assertThat(harness.metrics().values("batchSteps")).containsExactly(4L);
      assertThat(harness.eventTimers()).isZero();
    }
  }

  /** Everything that comes out of a key, in order, with the timestamps of the records. */
  private static Map<String, List<String>> outputs(RnnHarness harness) {
    Map<String, List<String>> outputs = new TreeMap<>();
    for (StreamRecord<Prediction> record : harness.records()) {
      add(outputs, record.getValue().key(), record.getValue() + " at " + record.getTimestamp());
    }
    var ends = harness.flink.getSideOutput(RnnFunction.ENDED);
    if (ends != null) {
      ends.forEach(
          record ->
              add(
                  outputs,
                  "end of " + record.getValue().key(),
                  record.getValue() + " at " + record.getTimestamp()));
    }
    List<String> rejected =
        harness.rejected().stream().map(RejectedRecord::detail).sorted().toList();
    outputs.put("rejected", rejected);
    return outputs;
  }

  private static void add(Map<String, List<String>> outputs, String key, String output) {
    outputs.computeIfAbsent(key, k -> new ArrayList<>()).add(output);
  }

  private static Map<String, List<String>> run(
      RnnFunction<String, Token, Prediction> function, int size, List<Token> tokens)
      throws Exception {
    List<String> left = new ArrayList<>();
    try (RnnHarness harness = open(function, size)) {
      Random random = new Random(2);
      long latest = 0;
      int until = 0;
      for (Token token : tokens) {
        harness.arrive(token);
        latest = Math.max(latest, token.timestamp());
        if (until-- == 0) {
          harness.watermark(latest - 400);
          left.add(harness.entries() + " " + harness.timers() + " " + harness.eventTimers());
          until = random.nextInt(60);
        }
      }
      harness.watermark(latest - 100);
      left.add(harness.entries() + " " + harness.timers() + " " + harness.eventTimers());
      harness.endOfInput();
      left.add(harness.entries() + " " + harness.timers() + " " + harness.eventTimers());
      Map<String, List<String>> outputs = outputs(harness);
      outputs.put("left", left);
      return outputs;
    }
  }

  /** Many keys with few different times, so that many are equal; some are late or unknown. */
  private static List<Token> tokens() {
    Random random = new Random(4);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      long time = 10L * (i / 10 - random.nextInt(30));
      String word = random.nextInt(50) == 0 ? "zebra" : WORDS[random.nextInt(4)];
      Token token = Token.of("k" + (char) ('A' + random.nextInt(40)), word).atTime(time);
      int end = random.nextInt(20);
      token = end == 0 ? token.first() : end == 1 ? token.last() : token;
      tokens.add(random.nextInt(2) == 0 ? token.at(i) : token);
    }
    return tokens;
  }

  /** Also with an idle timeout in event time, whose timers fire in the same advance. */
  @ParameterizedTest
  @CsvSource({"0, EACH", "160, EACH", "160, CHANGE", "160, LAST", "0, LAST"})
  void theOutputOfAKeyIsThatOfOneByOne(long idle, Emit.When when) throws Exception {
    SequenceOptions sequence =
        idle == 0
            ? SequenceOptions.DEFAULT
            : SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMillis(idle), true);
    RnnFunction<String, Token, Prediction> function =
        function(sequence, OUTPUT.withEmit(Emit.of(when)));
    List<Token> tokens = tokens();
    Map<String, List<String>> expected = run(function, 1, tokens);
    assertThat(expected).hasSizeBetween(60, 82);
    assertThat(expected.get("rejected")).hasSizeGreaterThan(20);
    assertThat(expected.get("kA")).hasSizeGreaterThan(3);
    for (int size : new int[] {2, 3, 7, 32, 64}) {
      assertThat(run(function, size, tokens)).as("batches of %d", size).isEqualTo(expected);
    }
  }

  /** In arrival order, with sequences that end in event time: tokens and timers take turns. */
  @Test
  void idleSequencesEndBetweenTokens() throws Exception {
    SequenceOptions sequence =
        SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMillis(160), true);
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(model).with(OnRejected.SIDE_OUTPUT).with(OUTPUT).with(sequence);
    List<Token> tokens = tokens();
    Map<String, List<String>> expected = run(function, 1, tokens);
    assertThat(expected.get("end of kA")).anyMatch(end -> end.contains("idle-timeout"));
    for (int size : new int[] {2, 3, 7, 32, 64}) {
      assertThat(run(function, size, tokens)).as("batches of %d", size).isEqualTo(expected);
    }
  }
}
