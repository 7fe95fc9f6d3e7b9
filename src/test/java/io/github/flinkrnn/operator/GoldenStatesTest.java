package io.github.flinkrnn.operator;

import static io.github.flinkrnn.operator.GoldenState.TAKEN_AT;
import static io.github.flinkrnn.operator.GoldenState.TIMEOUT;
import static io.github.flinkrnn.operator.GoldenState.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Every kind of state as an earlier build wrote it. A change that breaks one of these tests breaks
 * savepoints of users. {@code src/test/resources/operator/states/README.md} says how to add the
 * files of a new format.
 */
class GoldenStatesTest {
  static final List<String> FORMATS = GoldenState.FORMATS;

  private static RnnHarness restored(GoldenState state, String format, long now) throws Exception {
    return RnnHarness.restore(state.function(), state.read(format), now);
  }

  private static List<StepBits> steps(List<Prediction> predictions) {
    return predictions.stream().map(StepBits::of).toList();
  }

  /** The last steps that the reference computes for these words of the key a. */
  private static List<StepBits> last(int count, String... words) throws Exception {
    List<Token> tokens = Stream.of(words).map(word -> Token.of("a", word)).toList();
    List<StepBits> steps = new SequentialReference(GoldenState.model()).steps(tokens);
    return steps.subList(steps.size() - count, steps.size());
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void tokensThatWaitForANumberAreTakenAfterIt(String format) throws Exception {
    try (RnnHarness harness = restored(GoldenState.SEQ, format, TAKEN_AT)) {
      assertThat(harness.all()).isEmpty();
      List<Prediction> taken = harness.process(Token.of("a", "down").at(1));
      assertThat(steps(taken)).isEqualTo(last(3, "the", "down", "cat", "sat"));
      // 1, 4; then 0.5 + 1 + 4, 0.25 + 2 + 1; and so on, without rounding.
      assertThat(taken.get(0).hidden()).containsExactly(5.5f, 3.25f);
      assertThat(taken.get(1).hidden()).containsExactly(5.5625f, 6f);
      assertThat(taken.get(2).hidden()).containsExactly(7.28125f, 6.390625f);
      assertThat(harness.rejected()).isEmpty();
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void waitingTokensAreTakenAtTheirDeadline(String format) throws Exception {
    try (RnnHarness harness = restored(GoldenState.SEQ, format, TAKEN_AT)) {
      assertThat(harness.timers()).as("a deadline, and the silence of two keys").isEqualTo(3);
      harness.time(TAKEN_AT + WAIT - 1);
      assertThat(harness.all()).isEmpty();
      harness.time(TAKEN_AT + WAIT);
      assertThat(steps(harness.all())).isEqualTo(last(2, "the", "cat", "sat"));
      assertThat(harness.metrics().count("gaps")).isEqualTo(1);
      harness.time(TAKEN_AT + TIMEOUT - 1);
      assertThat(harness.metrics().count("sequencesExpired")).isZero();
      harness.time(TAKEN_AT + TIMEOUT);
      assertThat(harness.metrics().count("sequencesExpired")).as("b").isEqualTo(1);
      harness.time(TAKEN_AT + TIMEOUT + WAIT);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void takenNumbersAreDroppedAndTheCountOfDuplicatesContinues(String format) throws Exception {
    try (RnnHarness harness = restored(GoldenState.SEQ, format, TAKEN_AT)) {
      LongCounter counted =
          (LongCounter)
              harness.function().getRuntimeContext().<Long, Long>getAccumulator("duplicates");
      assertThat(counted.getLocalValuePrimitive()).isEqualTo(2);
      assertThat(harness.process(Token.of("b", "cat").at(1))).isEmpty();
      assertThat(counted.getLocalValuePrimitive()).isEqualTo(3);
      assertThat(harness.t(Token.of("b", "cat").at(2))).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void tokensThatWaitForTheWatermarkAreTakenAtIt(String format) throws Exception {
    try (RnnHarness harness = restored(GoldenState.TIMESTAMP, format, TAKEN_AT)) {
      assertThat(harness.watermark(1999)).isEmpty();
      assertThat(steps(harness.watermark(2000))).isEqualTo(last(1, "the", "cat"));
      assertThat(steps(harness.watermark(3000)))
          .as("the same time, by number")
          .isEqualTo(last(2, "the", "cat", "down", "sat"));
      assertThat(harness.waiting()).isZero();
      harness.watermark(169_999);
      assertThat(harness.entries()).isEqualTo(1);
      harness.watermark(170_000); // 3000 + 160_000, rounded up to a sixteenth of the timeout
      assertThat(harness.entries()).isZero();
      assertThat(harness.eventTimers()).isZero();
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void theLastPredictionComesWithTheEndOfItsSequence(String format) throws Exception {
    List<StepBits> second = last(1, "the", "cat");
    try (RnnHarness harness = restored(GoldenState.LAST, format, TAKEN_AT)) {
      assertThat(steps(harness.process(Token.of("a", "sat").first()))).isEqualTo(second);
    }
    try (RnnHarness harness = restored(GoldenState.LAST, format, TAKEN_AT)) {
      harness.time(TAKEN_AT + TIMEOUT - 1);
      assertThat(harness.all()).isEmpty();
      harness.time(TAKEN_AT + TIMEOUT);
      assertThat(steps(harness.all())).isEqualTo(second);
      assertThat(harness.entries()).isZero();
    }
    try (RnnHarness harness = restored(GoldenState.LAST, format, TAKEN_AT)) {
      harness.endOfInput();
      assertThat(steps(harness.all())).isEqualTo(second);
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void aWindowGoesOnWithItsLastTokens(String format) throws Exception {
    try (RnnHarness harness = restored(GoldenState.WINDOW, format, TAKEN_AT)) {
      Prediction fifth = harness.process(Token.of("a", "the")).get(0);
      assertThat(fifth.t()).isEqualTo(5);
      StepBits alone = last(1, "sat", "down", "the").get(0);
      assertThat(StepBits.of(fifth))
          .isEqualTo(new StepBits("a", 5, alone.hidden(), alone.logits(), alone.prediction()));
    }
  }

  /** The last bits of ONNX Runtime's results can differ between CPUs. */
  @ParameterizedTest
  @FieldSource("FORMATS")
  void aStepGraphGoesOnFromItsTensors(String format) throws Exception {
    List<Token> tokens = GoldenState.stepGraphTokens();
    var expected = GoldenState.stepGraph().steps();
    try (RnnHarness harness = restored(GoldenState.STEP_GRAPH, format, TAKEN_AT)) {
      for (int i = GoldenState.STEPS; i < tokens.size(); i++) {
        Prediction prediction = harness.process(tokens.get(i)).get(0);
        assertThat(prediction.t()).isEqualTo(expected.get(i).t());
        assertThat(prediction.prediction())
            .containsExactly(expected.get(i).prediction(), within(GoldenCase.TOLERANCE));
      }
      assertThat(harness.metrics().count("sequencesOfAnotherModel")).isZero();
    }
  }

  /** They are taken in the order in which they waited, before the next token of their key. */
  @ParameterizedTest
  @FieldSource("FORMATS")
  void waitingTokensAreTakenAfterAChangeOfTheOrder(String format) throws Exception {
    try (RnnHarness harness =
        RnnHarness.restore(GoldenState.LAST.function(), GoldenState.SEQ.read(format), TAKEN_AT)) {
      harness.process(Token.of("a", "down"));
      assertThat(steps(harness.process(Token.of("a", "the").first())))
          .isEqualTo(last(1, "the", "cat", "sat", "down"));
      assertThat(harness.waiting("a")).isZero();
    }
    try (RnnHarness harness =
        RnnHarness.restore(
            GoldenState.LAST.function(), GoldenState.TIMESTAMP.read(format), TAKEN_AT)) {
      harness.process(Token.of("a", "the"));
      assertThat(steps(harness.process(Token.of("a", "the").first())))
          .as("an expiry in event time has no effect in processing time")
          .isEqualTo(last(1, "the", "cat", "down", "sat", "the"));
      assertThat(harness.waiting("a")).isZero();
    }
  }

  /** Fails if a state is added or a serializer changes without a golden snapshot. */
  @Test
  void everyStateOfTheOperatorIsInAGoldenSnapshotWithItsSerializer() throws Exception {
    Map<String, String> golden = new TreeMap<>();
    for (GoldenState state : GoldenState.values()) {
      golden.putAll(SavedStates.of(state.read(FORMATS.get(FORMATS.size() - 1))));
    }
    assertThat(golden)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("_timer_state/event_user-timers", "TimerSerializerSnapshot 3"),
                Map.entry("_timer_state/processing_user-timers", "TimerSerializerSnapshot 3"),
                Map.entry("sequence", "SequenceStateSerializer$Snapshot 1"),
                Map.entry("waiting-at-one-time", "MapSerializerSnapshot 3"),
                Map.entry("waiting-by-number", "MapSerializerSnapshot 3"),
                Map.entry("waiting-by-time", "MapSerializerSnapshot 3"),
                Map.entry("waiting-counts", "MapSerializerSnapshot 3"),
                Map.entry("waiting-numbers", "MapSerializerSnapshot 3"),
                Map.entry("waiting-since", "MapSerializerSnapshot 3"),
                Map.entry("waiting-times", "MapSerializerSnapshot 3"),
                Map.entry("duplicates", "LongSerializer$LongSerializerSnapshot 3")));
    golden.keySet().removeIf(name -> name.startsWith("_timer_state/"));
    assertThat(golden.keySet()).isEqualTo(namedInTheSources());
  }

  private static Set<String> namedInTheSources() throws Exception {
    Pattern descriptor = Pattern.compile("StateDescriptor<>\\(\\s*\"([^\"]+)\"");
    Set<String> names = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/github/flinkrnn/operator"))) {
      for (Path source : sources.toList()) {
        Matcher matcher = descriptor.matcher(Files.readString(source));
        while (matcher.find()) {
          names.add(matcher.group(1));
        }
      }
    }
    return names;
  }

  /** Fails if a format changes without a new golden snapshot beside the old one. */
  @ParameterizedTest
  @EnumSource
  void theCurrentStatesHaveTheLatestFormat(GoldenState state) throws Exception {
    assertThat(SavedStates.of(state.take()))
        .isEqualTo(SavedStates.of(state.read(FORMATS.get(FORMATS.size() - 1))));
  }

  @Test
  @Disabled("wrote 0.1.0 with Flink 2.3.0")
  void writeSnapshots() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "states").toAbsolutePath());
    for (GoldenState state : GoldenState.values()) {
      state.write(folder);
    }
  }
}
