package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the steps that {@code each} emits are emitted by the other rules. */
class EmitRulesTest {
  /** 5 tanh(3), the only logit of {@link ModelDirectory#cycle} that is not 0. */
  private static final double LIKELY = 5 * StrictMath.tanh(3);

  private static final double SUM = StrictMath.exp(LIKELY) + 3;

  @TempDir private Path directory;

  private List<Prediction> words(OutputOptions output, String... words) throws Exception {
    ModelDirectory.words(directory);
    return run(output, words);
  }

  private List<Prediction> cycle(OutputOptions output, String... words) throws Exception {
    ModelDirectory.cycle(directory);
    return run(output, words);
  }

  private List<Prediction> run(OutputOptions output, String... words) throws Exception {
    try (RnnHarness harness = RnnHarness.open(RnnFunction.of(directory.toString()).with(output))) {
      for (String word : words) {
        harness.process(Token.of("k", word));
      }
      assertThat(harness.entries()).isEqualTo(1);
      assertThat(harness.timers() + harness.eventTimers()).isZero();
      assertThat(harness.metrics().count("steps")).isEqualTo(words.length);
      return new ArrayList<>(harness.all());
    }
  }

  private static List<Long> t(Collection<Prediction> predictions) {
    return predictions.stream().map(Prediction::t).toList();
  }

  private static OutputOptions emit(Emit emit, OutputField... fields) {
    return OutputOptions.DEFAULT.withFields(List.of(fields)).withEmit(emit);
  }

  private static OutputOptions above(Emit.When when, double limit) {
    return emit(Emit.above(when, limit));
  }

  private static final String[] SENTENCE = {
    "the", "cat", "sat", "sat", "down", "the", "the", "cat", "down", "down", "sat", "the"
  };

  @Test
  void eachEmitsEveryStep() throws Exception {
    assertThat(t(words(OutputOptions.DEFAULT, SENTENCE)))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
  }

  @Test
  void changeEmitsTheFirstStepAndThoseWithAnotherLabel() throws Exception {
    List<Prediction> each = words(OutputOptions.DEFAULT, SENTENCE);
    List<Long> changes = new ArrayList<>();
    String before = "";
    for (Prediction step : each) {
      if (!step.label().equals(before)) {
        changes.add(step.t());
      }
      before = step.label();
    }
    assertThat(changes).startsWith(1L).hasSizeBetween(3, 9);
    List<Prediction> found = words(emit(Emit.of(Emit.When.CHANGE), OutputField.LABEL), SENTENCE);
    assertThat(t(found)).isEqualTo(changes);
    assertThat(found).allSatisfy(step -> assertThat(step.label()).isNotNull());
    assertThat(t(words(emit(Emit.of(Emit.When.CHANGE)), SENTENCE)))
        .as("also if the label is not a field")
        .isEqualTo(changes);
  }

  @Test
  void changeEmitsTheFirstStepOfEachSequence() throws Exception {
    ModelDirectory.words(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(directory.toString())
            .with(emit(Emit.of(Emit.When.CHANGE), OutputField.LABEL));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      Token cat = Token.of("k", "cat");
      assertThat(harness.process(cat)).hasSize(1);
      assertThat(harness.process(cat.first())).as("the same label").hasSize(1);
      assertThat(harness.process(cat.first().last())).hasSize(1);
      assertThat(harness.process(cat)).hasSize(1);
      assertThat(harness.all()).extracting(Prediction::label).containsOnly("B");
    }
  }

  @Test
  void aboveLooksAtTheLargestOutputOrAtANamedOne() throws Exception {
    List<Prediction> each = words(emit(Emit.EACH, OutputField.PREDICTION), SENTENCE);
    double limit = // one of B's outputs, and not the smallest of the largest outputs
        each.stream()
            .mapToDouble(step -> step.prediction()[1])
            .filter(y -> y > 0.5)
            .min()
            .orElseThrow();
    List<Long> largest = new ArrayList<>();
    List<Long> ofB = new ArrayList<>();
    for (Prediction step : each) {
      float[] y = step.prediction();
      if (Math.max(y[0], y[1]) > limit) {
        largest.add(step.t());
      }
      if (y[1] > limit) {
        ofB.add(step.t());
      }
    }
    assertThat(ofB).as("above, not at it").isNotEmpty();
    assertThat(largest).hasSizeGreaterThan(ofB.size()).hasSizeLessThan(12);
    assertThat(t(words(above(Emit.When.ABOVE, limit), SENTENCE))).isEqualTo(largest);
    Emit labelled = new Emit(Emit.When.ABOVE, limit, "B");
    assertThat(t(words(emit(labelled), SENTENCE))).isEqualTo(ofB);
    assertThat(t(words(emit(labelled, OutputField.PREDICTION), SENTENCE))).isEqualTo(ofB);
    assertThat(t(words(emit(labelled, OutputField.PREDICTION).withTopK(1), SENTENCE)))
        .isEqualTo(ofB);
    assertThat(words(above(Emit.When.ABOVE, 1), SENTENCE)).isEmpty();
    assertThat(words(above(Emit.When.ABOVE, 0), SENTENCE)).hasSize(12);
  }

  @Test
  void rankAndSurpriseAreThoseOfTheStepBefore() throws Exception {
    OutputOptions scores = emit(Emit.EACH, OutputField.RANK, OutputField.SURPRISE);
    List<Prediction> steps = cycle(scores, "a", "b", "c", "a", "a", "b");
    assertThat(steps).extracting(Prediction::rank).containsExactly(null, 1, 1, 2, 2, 1);
    assertThat(steps.get(0).surprise()).isNull();
    double likely = StrictMath.log(SUM) - LIKELY;
    double[] expected = {likely, likely, StrictMath.log(SUM), StrictMath.log(SUM), likely};
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) steps.get(i + 1).surprise()).isCloseTo(expected[i], within(2e-6));
    }
    assertThat(steps).allSatisfy(step -> assertThat(step.prediction()).isNull());
  }

  @Test
  void rankAboveEmitsWhatWasLessLikely() throws Exception {
    String[] words = {"a", "b", "c", "a", "a", "b", "<end>", "a"};
    assertThat(t(cycle(above(Emit.When.RANK_ABOVE, 1), words))).containsExactly(4L, 5L, 7L);
    assertThat(cycle(above(Emit.When.RANK_ABOVE, 2), words)).isEmpty();
    List<Prediction> shown =
        cycle(emit(Emit.above(Emit.When.RANK_ABOVE, 1), OutputField.RANK), words);
    assertThat(shown).extracting(Prediction::rank).containsExactly(2, 2, 2);
  }

  @Test
  void surpriseAboveEmitsWhatWasMoreSurprising() throws Exception {
    String[] words = {"a", "b", "c", "a", "a", "b", "<end>", "a"};
    double surprise = StrictMath.log(SUM);
    assertThat(t(cycle(above(Emit.When.SURPRISE_ABOVE, surprise - 1e-5), words)))
        .containsExactly(4L, 5L, 7L);
    assertThat(cycle(above(Emit.When.SURPRISE_ABOVE, surprise + 1e-5), words)).isEmpty();
    assertThat(t(cycle(above(Emit.When.SURPRISE_ABOVE, 0), words)))
        .as("all but the first, which has no score")
        .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }

  /** A word that is not an output is less likely than all outputs. */
  @Test
  void aWordWithoutAnOutputHasTheLastRankAndNoSurprise() throws Exception {
    unsaidB();
    OutputOptions scores = emit(Emit.EACH, OutputField.RANK, OutputField.SURPRISE);
    List<Prediction> steps = run(scores, "a", "b", "a");
    assertThat(steps).extracting(Prediction::rank).containsExactly(null, 3, 2);
    assertThat(steps.get(1).surprise()).isNull();
    assertThat((double) steps.get(2).surprise())
        .isCloseTo(StrictMath.log(StrictMath.exp(1) + 1), within(1e-6));
    assertThat(t(run(above(Emit.When.RANK_ABOVE, 2), "a", "b", "a"))).containsExactly(2L);
    assertThat(t(run(above(Emit.When.SURPRISE_ABOVE, 1e6), "a", "b", "a"))).containsExactly(2L);
  }

  /** The outputs are a and a label that is not a word. Their logits are always 0 and 1. */
  private void unsaidB() throws IOException {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary'}, 'output': {'labels': ['a', 'other']}}")
        .vocabulary("a", "b")
        .parameters("{'Waa': [[0]], 'Wax': [[0, 0]], 'Wya': [[0], [0]], 'ba': [0], 'by': [0, 1]}");
  }

  /**
   * The output does not use the head, so the overflow of the head did not reject the first step.
   * The next word then has no score.
   */
  @Test
  void aPreviousStepWhoseHeadOverflowsGivesNoScore() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary'}}")
        .vocabulary("a", "b")
        .parameters(
            "{'Waa': [[0]], 'Wax': [[9, 0]], 'Wya': [[3e38], [0]], 'ba': [0], 'by': [3e38, 0]}");
    OutputOptions scores = emit(Emit.EACH, OutputField.RANK, OutputField.SURPRISE);
    List<Prediction> steps = run(scores, "a", "b", "b");
    assertThat(steps).extracting(Prediction::rank).containsExactly(null, null, 2);
    assertThat(steps).extracting(Prediction::surprise).containsExactly(null, null, 3e38f);
    assertThat(t(run(above(Emit.When.SURPRISE_ABOVE, 1), "a", "b", "b"))).containsExactly(3L);
  }

  @Test
  void topNamesTheLargestInPlaceOfAll() throws Exception {
    OutputOptions top = emit(Emit.EACH, OutputField.PREDICTION, OutputField.LABEL).withTopK(2);
    Prediction step = words(top, "cat").get(0);
    float[] y = words(emit(Emit.EACH, OutputField.PREDICTION), "cat").get(0).prediction();
    assertThat(step.prediction()).isNull();
    assertThat(step.label()).isEqualTo("B");
    assertThat(step.top()).containsExactly("B", "A");
    assertThat(step.topPrediction()).containsExactly(y[1], y[0]);
    assertThat(cycle(top.withTopK(1), "c").get(0).top())
        .as("without labels the outputs are the words")
        .containsExactly("<end>");
  }

  /** Generated words are always emitted, whatever the rule. */
  @Test
  void noRuleHoldsBackGeneratedWords() throws Exception {
    ModelDirectory.cycle(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(directory.toString())
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation(null, 3, 0, 0)))
            .with(
                emit(
                    Emit.above(Emit.When.RANK_ABOVE, 4),
                    OutputField.TOKEN,
                    OutputField.RANK,
                    OutputField.SURPRISE));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.process(Token.of("k", "a"))).isEmpty();
      List<Prediction> came = harness.process(Token.of("k", "b").last());
      assertThat(came).extracting(Prediction::token).containsExactly("c", "<end>", "a");
      assertThat(came).extracting(Prediction::t).containsExactly(3L, 4L, 5L);
      assertThat(came).allMatch(Prediction::generated);
      assertThat(came).as("not input tokens").extracting(Prediction::rank).containsOnlyNulls();
      assertThat(came).extracting(Prediction::surprise).containsOnlyNulls();
    }
  }
}
