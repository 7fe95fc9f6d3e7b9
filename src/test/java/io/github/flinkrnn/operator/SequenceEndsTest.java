package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each end of a sequence is counted and, if the job asks for it, emitted once as a record with the
 * reason.
 */
class SequenceEndsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(16);

  @TempDir private Path directory;

  @BeforeEach
  void writeTheModel() throws IOException {
    ModelDirectory.words(directory);
  }

  private RnnFunction<String, Token, Prediction> with(SequenceOptions sequence) {
    return GoldenCase.withNumbers(directory).with(sequence).with(GoldenCase.NUMBERS.withEnds());
  }

  private static Token word(String key, String word) {
    return Token.of(key, word);
  }

  /** Asserts these counts, and that all others are zero. */
  private static void assertCounts(RnnHarness harness, Map<EndReason, Integer> expected) {
    for (EndReason why : EndReason.values()) {
      assertThat(harness.metrics().count("why." + why.text() + ".ended"))
          .as("%s", why)
          .isEqualTo(expected.getOrDefault(why, 0).longValue());
    }
    assertThat(harness.ended())
        .hasSize(expected.values().stream().mapToInt(Integer::intValue).sum());
    int expired = expected.getOrDefault(EndReason.IDLE_TIMEOUT, 0);
    int other = expected.getOrDefault(EndReason.OTHER_MODEL, 0);
    assertThat(harness.metrics().count("sequencesExpired")).isEqualTo(expired);
    assertThat(harness.metrics().count("sequencesOfAnotherModel")).isEqualTo(other);
    assertThat(harness.metrics().count("sequencesEnded"))
        .isEqualTo(harness.ended().size() - expired - other);
  }

  @Test
  void byTokensAndWords() throws Exception {
    SequenceOptions words = SequenceOptions.DEFAULT.withTokens("the", "down");
    try (RnnHarness harness = RnnHarness.open(with(words))) {
      assertThat(harness.t(word("a", "cat"))).isEqualTo(1);
      assertThat(harness.t(word("a", "cat").last())).isEqualTo(2);
      assertThat(harness.t(word("a", "cat"))).isEqualTo(1);
      assertThat(harness.t(word("a", "cat").first())).isEqualTo(1);
      assertThat(harness.t(word("a", "sat"))).isEqualTo(2);
      assertThat(harness.t(word("a", "the"))).isEqualTo(1);
      assertThat(harness.t(word("a", "sat"))).isEqualTo(2);
      assertThat(harness.t(word("a", "down"))).isEqualTo(3);
      assertThat(harness.entries()).isZero();
      assertThat(harness.ended())
          .containsExactly("a 2 end", "a 1 start", "a 2 start-token", "a 3 end-token");
      assertCounts(
          harness,
          Map.of(
              EndReason.END, 1,
              EndReason.START, 1,
              EndReason.START_TOKEN, 1,
              EndReason.END_TOKEN, 1));
    }
  }

  /** A start without a sequence, and the first word after an end, end nothing. */
  @Test
  void notWithoutASequence() throws Exception {
    SequenceOptions words = SequenceOptions.DEFAULT.withTokens("the", "down");
    try (RnnHarness harness = RnnHarness.open(with(words))) {
      assertThat(harness.t(word("a", "the"))).isEqualTo(1);
      assertThat(harness.t(word("b", "cat").first())).isEqualTo(1);
      assertThat(harness.process(word("c", "dog").last())).isEmpty();
      assertThat(harness.ended()).isEmpty();
      assertCounts(harness, new EnumMap<>(EndReason.class));
      assertThat(harness.metrics().count("sequencesStarted")).isEqualTo(2);
    }
  }

  @Test
  void byTheirLength() throws Exception {
    try (RnnHarness harness = RnnHarness.open(with(SequenceOptions.DEFAULT.withMaxLength(3)))) {
      for (int i = 0; i < 7; i++) {
        assertThat(harness.t(word("a", "cat"))).isEqualTo(i % 3 + 1);
      }
      assertThat(harness.t(word("b", "cat").last())).as("end also ends it").isEqualTo(1);
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.ended()).containsExactly("a 3 max-length", "a 3 max-length", "b 1 end");
      assertCounts(harness, Map.of(EndReason.MAX_LENGTH, 2, EndReason.END, 1));
    }
  }

  /** If a sequence is already longer than the new maximum length, its next token ends it. */
  @Test
  void byALengthThatWasShortened() throws Exception {
    try (RnnHarness before = RnnHarness.open(with(SequenceOptions.DEFAULT))) {
      for (int t = 1; t <= 5; t++) {
        assertThat(before.t(word("a", "cat"))).isEqualTo(t);
      }
      RnnFunction<String, Token, Prediction> shorter =
          with(SequenceOptions.DEFAULT.withMaxLength(3));
      try (RnnHarness after = RnnHarness.restore(shorter, before.snapshot(), 0)) {
        assertThat(after.t(word("a", "cat"))).isEqualTo(6);
        assertThat(after.entries()).isZero();
        assertThat(after.ended()).containsExactly("a 6 max-length");
      }
    }
  }

  @Test
  void bySilence() throws Exception {
    SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, false);
    try (RnnHarness harness = RnnHarness.open(with(idle))) {
      assertThat(harness.t(word("a", "cat"))).isEqualTo(1);
      assertThat(harness.t(word("a", "cat"))).isEqualTo(2);
      harness.time(15_999);
      assertThat(harness.ended()).isEmpty();
      harness.time(16_000);
      assertThat(harness.ended()).containsExactly("a 2 idle-timeout");
      assertCounts(harness, Map.of(EndReason.IDLE_TIMEOUT, 1));
    }
  }

  @Test
  void byAGapInTheNumbers() throws Exception {
    OrderOptions order =
        OrderOptions.of(OrderOptions.By.SEQ)
            .withGaps(OnGap.RESTART)
            .withWaiting(Duration.ofSeconds(1), 10)
            .from(0);
    try (RnnHarness harness = RnnHarness.open(with(SequenceOptions.DEFAULT.withOrder(order)))) {
      assertThat(harness.t(word("a", "cat").at(0))).isEqualTo(1);
      assertThat(harness.t(word("a", "sat").at(1))).isEqualTo(2);
      assertThat(harness.process(word("a", "sat").at(3))).isEmpty();
      harness.time(1000);
      assertThat(harness.all()).extracting("t").containsExactly(1L, 2L, 1L);
      assertThat(harness.ended()).containsExactly("a 2 gap");
      assertCounts(harness, Map.of(EndReason.GAP, 1));
      assertThat(harness.metrics().count("gaps")).isEqualTo(1);
    }
  }

  @Test
  void byAnotherModel() throws Exception {
    try (RnnHarness before = RnnHarness.open(with(SequenceOptions.DEFAULT))) {
      assertThat(before.t(word("a", "cat"))).isEqualTo(1);
      assertThat(before.t(word("a", "cat"))).isEqualTo(2);
      RnnFunction<String, Token, Prediction> windowed = with(SequenceOptions.DEFAULT.withWindow(5));
      try (RnnHarness after = RnnHarness.restore(windowed, before.snapshot(), 0)) {
        assertThat(after.t(word("a", "cat").first().last())).isEqualTo(1);
        assertThat(after.ended()).containsExactly("a 2 other-model", "a 1 end");
        assertCounts(after, Map.of(EndReason.OTHER_MODEL, 1, EndReason.END, 1));
      }
    }
  }

  /** If only the last step is emitted, the end of the stream ends all sequences. */
  @Test
  void byTheEndOfTheStream() throws Exception {
    RnnFunction<String, Token, Prediction> last =
        with(SequenceOptions.DEFAULT)
            .with(GoldenCase.NUMBERS.withEmit(Emit.of(Emit.When.LAST)).withEnds());
    try (RnnHarness harness = RnnHarness.open(last)) {
      harness.process(word("a", "cat"));
      harness.process(word("a", "cat"));
      harness.process(word("b", "cat"));
      harness.endOfInput();
      assertThat(harness.ended()).containsExactlyInAnyOrder("a 2 end-of-input", "b 1 end-of-input");
      assertCounts(harness, Map.of(EndReason.END_OF_INPUT, 2));
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void areNotEmittedUnlessAskedFor() throws Exception {
    try (RnnHarness harness = RnnHarness.open(GoldenCase.withNumbers(directory))) {
      assertThat(harness.t(word("a", "cat").last())).isEqualTo(1);
      assertThat(harness.ended()).isEmpty();
      assertThat(harness.metrics().count("why.end.ended")).isEqualTo(1);
    }
  }

  /**
   * A token that overflows does not change its sequence, whatever its {@code start} and {@code
   * end}.
   */
  @Test
  void notByATokenThatIsRejected() throws Exception {
    Path model = ModelDirectory.unbounded(directory, "1");
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(model).with(GoldenCase.NUMBERS.withEnds());
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.t(Token.of("a", 1))).isEqualTo(1);
      assertThat(harness.process(Token.of("a", 1e30f).first().last())).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      assertThat(harness.ended()).isEmpty();
      assertThat(harness.t(Token.of("a", 1))).isEqualTo(2);
      assertCounts(harness, Map.of());
    }
  }

  /** All unknown words have one id, but only the end token itself ends a sequence. */
  @Test
  void byTheUnknownTokenOnlyIfItArrivedItself() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config(
            "{'input': {'type': 'vocabulary', 'unknown_token': 'down'},"
                + " 'output': {'labels': ['A', 'B']}}");
    SequenceOptions words = SequenceOptions.DEFAULT.withTokens(null, "down");
    try (RnnHarness harness = RnnHarness.open(with(words))) {
      assertThat(harness.t(word("a", "zebra"))).isEqualTo(1);
      assertThat(harness.t(word("a", "down"))).isEqualTo(2);
      assertThat(harness.ended()).containsExactly("a 2 end-token");
    }
  }

  /** Words are compared as the vocabulary reads them: in any case, if it reads lower case. */
  @Test
  void byWordsAsTheVocabularyReadsThem() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config(
            "{'input': {'type': 'vocabulary', 'lowercase': true},"
                + " 'output': {'labels': ['A', 'B']}}");
    SequenceOptions words = SequenceOptions.DEFAULT.withTokens("The", "DOWN");
    try (RnnHarness harness = RnnHarness.open(with(words))) {
      assertThat(harness.t(word("a", "cat"))).isEqualTo(1);
      assertThat(harness.t(word("a", "the"))).isEqualTo(1);
      assertThat(harness.t(word("a", "Down"))).isEqualTo(2);
      assertThat(harness.ended()).containsExactly("a 1 start-token", "a 2 end-token");
    }
  }

  private static Token at(long recordTime, String word) {
    SourceRecord source = new SourceRecord(null, null, 1, recordTime, new Origin("in", 0, 0));
    return new Token("a", word, null, null, null, null, false, false, false, null, source);
  }

  private static List<Long> times(RnnHarness harness) {
    return harness.flink.getSideOutput(RnnFunction.ENDED).stream()
        .map(record -> record.getValue().time())
        .toList();
  }

  /**
   * An end has the time of the last token, not of what ended the sequence: a start, the clock, the
   * end of the stream.
   */
  @Test
  void haveTheTimeOfTheRecordOfTheirLastToken() throws Exception {
    SequenceOptions idle =
        SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, false).withTokens("the", "down");
    try (RnnHarness harness = RnnHarness.open(with(idle))) {
      harness.process(at(100, "cat"));
      harness.process(at(200, "cat"));
      harness.process(at(300, "the")); // ends the previous sequence
      harness.process(at(400, "down")); // ends its own sequence
      harness.process(at(500, "cat"));
      harness.time(16_000);
      harness.process(word("a", "cat").last()); // a token without a record
      assertThat(harness.ended())
          .containsExactly("a 2 start-token", "a 2 end-token", "a 1 idle-timeout", "a 1 end");
      assertThat(times(harness)).containsExactly(200L, 400L, 500L, null);
    }
  }

  /** The time is kept in the state only if ends are emitted. */
  @Test
  void keepTheTimeInTheStateOnlyIfEndsAreEmitted() throws Exception {
    SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, false);
    try (RnnHarness before = RnnHarness.open(with(idle))) {
      before.process(at(1_800_000_000_000L, "cat"));
      try (RnnHarness after = RnnHarness.restore(with(idle), before.snapshot(), 0)) {
        after.time(16_000);
        assertThat(times(after)).containsExactly(1_800_000_000_000L);
      }
    }
    try (RnnHarness quiet = RnnHarness.open(RnnFunction.of(directory.toString()).with(idle))) {
      quiet.process(at(1_800_000_000_000L, "cat"));
      try (RnnHarness after = RnnHarness.restore(with(idle), quiet.snapshot(), 0)) {
        after.time(16_000);
        assertThat(times(after)).hasSize(1).containsOnlyNulls();
      }
    }
  }
}
