package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many to one: whatever ends a sequence, its last step is emitted once, and no state remains. */
class EmitLastTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(16);
  private static final List<Token> TOKENS =
      List.of(Token.of("k", "cat"), Token.of("k", "sat"), Token.of("k", "down"));

  @TempDir private Path directory;
  private List<StepBits> steps; // of these tokens

  @BeforeEach
  void writeTheModel() throws IOException {
    ModelDirectory.words(directory);
    steps = new SequentialReference(RnnModel.load(directory)).steps(TOKENS);
  }

  private RnnFunction<String, Token, Prediction> last(SequenceOptions sequence) {
    return RnnFunction.of(directory.toString())
        .with(sequence)
        .with(GoldenCase.NUMBERS.withEmit(Emit.of(Emit.When.LAST)));
  }

  private static void assertEmits(RnnHarness harness, StepBits... expected) {
    assertThat(harness.all().stream().map(StepBits::of)).containsExactly(expected);
  }

  private static void assertHolds(RnnHarness harness, int entries, int timers, int eventTimers) {
    assertThat(harness.entries()).as("state entries").isEqualTo(entries);
    assertThat(harness.timers()).as("timers of processing time").isEqualTo(timers);
    assertThat(harness.eventTimers()).as("timers of event time").isEqualTo(eventTimers);
  }

  /**
   * Asserts that the state holds the prediction that may be the last one, and that a timer for the
   * end of the stream is set.
   */
  private static void assertWaits(RnnHarness harness, List<Token> tokens) throws Exception {
    for (Token token : tokens) {
      assertThat(harness.process(token)).isEmpty();
      assertHolds(harness, 1, 0, 1);
    }
  }

  @Test
  void atATokenThatSaysEnd() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertWaits(harness, TOKENS.subList(0, 2));
      assertThat(harness.step(TOKENS.get(2).last())).isEqualTo(steps.get(2));
      assertHolds(harness, 0, 0, 0);
      harness.endOfInput();
      assertEmits(harness, steps.get(2));
    }
  }

  @Test
  void ofASequenceOfOneToken() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertThat(harness.step(TOKENS.get(0).last())).isEqualTo(steps.get(0));
      assertHolds(harness, 0, 0, 0);
      assertThat(harness.step(TOKENS.get(0).first().last())).isEqualTo(steps.get(0));
      assertHolds(harness, 0, 0, 0);
      harness.endOfInput();
      assertEmits(harness, steps.get(0), steps.get(0));
    }
  }

  @Test
  void whenTheNextTokenSaysStart() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertWaits(harness, TOKENS.subList(0, 2));
      assertThat(harness.step(TOKENS.get(0).first())).isEqualTo(steps.get(1));
      assertHolds(harness, 1, 0, 1);
      harness.endOfInput();
      assertEmits(harness, steps.get(1), steps.get(0));
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** The last step of the previous sequence, and its own. */
  @Test
  void twiceAtATokenThatIsTheFirstAndTheLast() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertWaits(harness, TOKENS.subList(0, 2));
      assertThat(harness.process(TOKENS.get(0).first().last())).hasSize(2);
      assertEmits(harness, steps.get(1), steps.get(0));
      assertHolds(harness, 0, 0, 0);
    }
  }

  @Test
  void atAStartTokenAndAtAnEndToken() throws Exception {
    SequenceOptions words = SequenceOptions.DEFAULT.withTokens("cat", "down");
    try (RnnHarness harness = RnnHarness.open(last(words))) {
      assertWaits(harness, TOKENS.subList(0, 2));
      assertThat(harness.step(TOKENS.get(0))).isEqualTo(steps.get(1));
      assertHolds(harness, 1, 0, 1);
      assertThat(harness.process(TOKENS.get(1))).isEmpty();
      assertThat(harness.step(TOKENS.get(2))).isEqualTo(steps.get(2));
      assertHolds(harness, 0, 0, 0);
    }
  }

  @Test
  void atTheMaximumLength() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT.withMaxLength(2)))) {
      assertWaits(harness, TOKENS.subList(0, 1));
      assertThat(harness.step(TOKENS.get(1))).isEqualTo(steps.get(1));
      assertHolds(harness, 0, 0, 0);
      assertWaits(harness, TOKENS.subList(0, 1));
      assertThat(harness.step(TOKENS.get(1))).isEqualTo(steps.get(1));
      assertHolds(harness, 0, 0, 0);
    }
  }

  @Test
  void whenItsKeyWasSilentInProcessingTime() throws Exception {
    SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, false);
    try (RnnHarness harness = RnnHarness.open(last(idle))) {
      for (Token token : TOKENS) {
        assertThat(harness.process(token)).isEmpty();
        assertHolds(harness, 1, 1, 1);
      }
      harness.time(15_999);
      assertEmits(harness);
      harness.time(16_000);
      assertEmits(harness, steps.get(2));
      assertHolds(harness, 0, 0, 0);
      harness.endOfInput();
      assertEmits(harness, steps.get(2));
    }
  }

  /** The timer is due, but the job was down, and a token arrives before the timer fires. */
  @Test
  void whenATokenArrivesBeforeTheDueTimerFires() throws Exception {
    SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, false);
    try (RnnHarness before = RnnHarness.open(last(idle))) {
      assertThat(before.process(TOKENS.get(0))).isEmpty();
      try (RnnHarness after = RnnHarness.restore(last(idle), before.snapshot(), 16_000)) {
        assertThat(after.step(TOKENS.get(0))).isEqualTo(steps.get(0));
        assertHolds(after, 1, 1, 1);
        after.time(32_000);
        assertEmits(after, steps.get(0), steps.get(0));
        assertHolds(after, 0, 0, 0);
      }
    }
  }

  @Test
  void whenItsKeyWasSilentInEventTime() throws Exception {
    SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, true);
    try (RnnHarness harness = RnnHarness.open(last(idle))) {
      for (int i = 0; i < 3; i++) {
        assertThat(harness.process(TOKENS.get(i).atTime(1000L * i))).isEmpty();
        assertHolds(harness, 1, 0, 2);
      }
      harness.watermark(17_999);
      assertEmits(harness);
      harness.watermark(18_000);
      assertEmits(harness, steps.get(2));
      assertHolds(harness, 0, 0, 0);
    }
  }

  @Test
  void whenTheStreamEnds() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertWaits(harness, TOKENS);
      harness.watermark(Long.MAX_VALUE - 1);
      assertHolds(harness, 1, 0, 1);
      harness.endOfInput();
      assertEmits(harness, steps.get(2));
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** No state remains of a key that waited for its idle timeout, either. */
  @Test
  void whenTheStreamEndsBeforeTheTimeout() throws Exception {
    for (boolean inEventTime : new boolean[] {false, true}) {
      SequenceOptions idle = SequenceOptions.DEFAULT.withIdleTimeout(TIMEOUT, inEventTime);
      try (RnnHarness harness = RnnHarness.open(last(idle))) {
        for (Token token : TOKENS) {
          assertThat(harness.process(token.atTime(5))).isEmpty();
        }
        harness.endOfInput();
        assertEmits(harness, steps.get(2));
        assertHolds(harness, 0, 0, 0);
      }
    }
  }

  /** A token that the model cannot read is not a step, so it is not the last step. */
  @Test
  void isNotThatOfARejectedToken() throws Exception {
    try (RnnHarness harness = RnnHarness.open(last(SequenceOptions.DEFAULT))) {
      assertWaits(harness, TOKENS.subList(0, 2));
      assertThat(harness.process(Token.of("k", "dog").last())).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      assertHolds(harness, 1, 0, 1);
      harness.endOfInput();
      assertEmits(harness, steps.get(1));
    }
  }

  /** A job that emitted each step continues as a job that emits the last step. */
  @Test
  void ofASequenceThatBeganWhenEachWasEmitted() throws Exception {
    RnnFunction<String, Token, Prediction> each =
        RnnFunction.of(directory.toString()).with(GoldenCase.NUMBERS);
    try (RnnHarness before = RnnHarness.open(each)) {
      assertThat(before.steps(TOKENS.subList(0, 2))).isEqualTo(steps.subList(0, 2));
      try (RnnHarness after =
          RnnHarness.restore(last(SequenceOptions.DEFAULT), before.snapshot(), 0)) {
        assertThat(after.process(TOKENS.get(2))).isEmpty();
        after.endOfInput();
        assertEmits(after, steps.get(2));
        assertHolds(after, 0, 0, 0);
      }
    }
  }

  /** The last step is emitted before the words that are generated after it. */
  @Test
  void comesBeforeWhatIsGenerated() throws Exception {
    ModelDirectory.cycle(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(directory.toString())
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation(null, 2, 0, 0)))
            .with(OutputOptions.DEFAULT.withEmit(Emit.of(Emit.When.LAST)));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.process(Token.of("k", "a"))).isEmpty();
      List<Prediction> came = harness.process(Token.of("k", "b").last());
      assertThat(came).extracting(Prediction::t).containsExactly(2L, 3L, 4L);
      assertThat(came).extracting(Prediction::generated).containsExactly(false, true, true);
      assertThat(came).extracting(Prediction::token).containsExactly("b", "c", "<end>");
      assertHolds(harness, 0, 0, 0);
    }
  }
}
