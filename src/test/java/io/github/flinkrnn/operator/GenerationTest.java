package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One to many: after a sequence the model generates words, each from the words before it. */
class GenerationTest {
  private static final OutputOptions TOKENS =
      OutputOptions.DEFAULT.withFields(List.of(OutputField.TOKEN));

  @TempDir private Path directory;

  @BeforeEach
  void writeTheModel() throws IOException {
    ModelDirectory.cycle(directory);
  }

  private RnnFunction<String, Token, Prediction> going(
      String until, int max, double temperature, long seed) {
    return RnnFunction.of(directory.toString())
        .with(SequenceOptions.DEFAULT.withGeneration(new Generation(until, max, temperature, seed)))
        .with(TOKENS);
  }

  private static Token generating(String word) {
    return new Token("k", word, null, null, 7L, 9L, false, false, true, null, null);
  }

  /** {@code t token}, with a star if the word is generated. */
  private static List<String> shown(List<Prediction> predictions) {
    return predictions.stream()
        .map(each -> each.t() + " " + each.token() + (each.generated() ? "*" : ""))
        .toList();
  }

  @Test
  void withoutTemperatureItTakesTheMostLikelyWord() throws Exception {
    try (RnnHarness harness = RnnHarness.open(going(null, 6, 0, 0))) {
      assertThat(shown(harness.process(Token.of("k", "b")))).containsExactly("1 b");
      assertThat(shown(harness.process(Token.of("k", "c").last())))
          .containsExactly("2 c", "3 <end>*", "4 a*", "5 b*", "6 c*", "7 <end>*", "8 a*");
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void itEndsWithUntil() throws Exception {
    try (RnnHarness harness = RnnHarness.open(going("<end>", 6, 0, 0))) {
      assertThat(shown(harness.process(Token.of("k", "a").last())))
          .containsExactly("1 a", "2 b*", "3 c*", "4 <end>*");
    }
    try (RnnHarness harness = RnnHarness.open(going("<end>", 2, 0, 0))) {
      assertThat(shown(harness.process(Token.of("k", "a").last())))
          .containsExactly("1 a", "2 b*", "3 c*");
    }
  }

  @Test
  void itGeneratesAfterTheEndTokenButNotAfterTheMaximumLength() throws Exception {
    SequenceOptions options =
        SequenceOptions.DEFAULT
            .withTokens(null, "c")
            .withMaxLength(2)
            .withGeneration(new Generation(null, 1, 0, 0));
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(directory.toString()).with(options).with(TOKENS);
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(shown(harness.process(Token.of("k", "c")))).containsExactly("1 c", "2 <end>*");
      assertThat(shown(harness.process(Token.of("k", "a")))).containsExactly("1 a");
      assertThat(shown(harness.process(Token.of("k", "a")))).containsExactly("2 a");
      assertThat(shown(harness.process(Token.of("k", "a")))).containsExactly("1 a");
    }
  }

  /**
   * With {@code generate: true}, the model generates words after a token. The sequence then
   * continues from that token.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aTokenWithGenerateDoesNotChangeItsSequence(int window) throws Exception {
    ModelDirectory.words(directory);
    RnnFunction<String, Token, Prediction> plain =
        GoldenCase.withNumbers(directory).with(SequenceOptions.DEFAULT.withWindow(window));
    RnnFunction<String, Token, Prediction> asking =
        plain.with(
            SequenceOptions.DEFAULT
                .withWindow(window)
                .withGeneration(new Generation(null, 4, 1, 3)));
    // A model whose labels are words, so that it can generate.
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary'}, 'output': {'labels': ['cat', 'sat']}}");
    try (RnnHarness one = RnnHarness.open(plain);
        RnnHarness two = RnnHarness.open(asking)) {
      for (String word : List.of("the", "cat", "sat", "down")) {
        StepBits step = one.step(Token.of("k", word));
        List<Prediction> came = two.process(generating(word));
        assertThat(came).hasSize(5);
        assertThat(StepBits.of(came.get(0))).isEqualTo(step);
        assertThat(came.subList(1, 5)).allMatch(Prediction::generated);
        assertThat(two.entries()).isEqualTo(1);
      }
    }
  }

  /** Each generated word is drawn from the output of the step before it. */
  @Test
  void eachGeneratedStepHasTheNumbersOfItsWord() throws Exception {
    ModelDirectory.words(directory);
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary'}, 'output': {'labels': ['cat', 'sat']}}");
    RnnFunction<String, Token, Prediction> asking =
        RnnFunction.of(directory.toString())
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation(null, 20, 1, 3)))
            .withFields(
                OutputField.TOKEN, OutputField.PREDICTION, OutputField.LOGITS, OutputField.HIDDEN);
    try (RnnHarness generating = RnnHarness.open(asking);
        RnnHarness plain = RnnHarness.open(GoldenCase.withNumbers(directory))) {
      List<Prediction> came = generating.process(Token.of("k", "the").last());
      assertThat(came).hasSize(21);
      assertThat(came).extracting(Prediction::token).contains("cat", "sat");
      for (int i = 0; i < came.size(); i++) {
        assertThat(StepBits.of(came.get(i)))
            .isEqualTo(plain.step(Token.of("k", came.get(i).token())));
        if (i > 0) {
          float[] y = came.get(i - 1).prediction();
          boolean first = Generator.uniform(3, "k", i + 1) < y[0];
          assertThat(came.get(i).token()).isEqualTo(first ? "cat" : "sat");
        }
      }
    }
  }

  @Test
  void aGeneratedStepHasNoNumberAndTimeButWhatItsPromptCarries() throws Exception {
    RnnFunction<String, Token, Prediction> all =
        going(null, 2, 0, 0)
            .withFields(
                OutputField.TOKEN, OutputField.SEQ, OutputField.TIMESTAMP, OutputField.MODEL);
    Token prompt =
        new Token("k", "a", null, null, 7L, 9L, false, false, true, new String[] {"\"DE\""}, null);
    try (RnnHarness harness = RnnHarness.open(all)) {
      List<Prediction> came = harness.process(prompt);
      assertThat(came).hasSize(3);
      assertThat(came).extracting(Prediction::seq).containsExactly(7L, null, null);
      assertThat(came).extracting(Prediction::timestamp).containsExactly(9L, null, null);
      assertThat(came).extracting(Prediction::model).containsOnly("cycle@1");
      assertThat(came).allSatisfy(each -> assertThat(each.carried()).containsExactly("\"DE\""));
    }
  }

  /**
   * Each generated prediction repeats the key of its prompt, also as the key of its record, and the
   * carried values.
   */
  @ParameterizedTest
  @CsvSource({"10000, 6710", "1000, 67108", "64, 1048576"})
  void aPromptThatWouldBeRepeatedTooOftenIsRejected(int max, int most) throws Exception {
    try (RnnHarness harness = RnnHarness.open(going("<end>", max, 0, 0))) {
      assertThat(harness.process(ofBytes("a", most + 1, false))).as("no generation").hasSize(1);
      assertThat(harness.process(ofBytes("b", most + 1, true))).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      assertThat(harness.rejected().get(0).reason()).isEqualTo(Reason.TOO_LARGE);
      assertThat(harness.rejected().get(0).detail())
          .isEqualTo(
              "generate: expected at most 67108864 bytes of key and carried values in all"
                  + " predictions, found up to "
                  + max
                  + " times "
                  + (most + 1));
      assertThat(shown(harness.process(ofBytes("b", most, true))))
          .as("the sequence is as it was")
          .containsExactly("2 b", "3 c*", "4 <end>*");
      assertThat(harness.process(ofBytes("b", most + 1, true).last()))
          .as("an end would be followed by as many")
          .isEmpty();
    }
  }

  /** A token with this many bytes of key and carried values. */
  private static Token ofBytes(String word, int bytes, boolean generate) {
    String key = "ké"; // three bytes, and each prediction repeats it twice
    String[] carried = {"1".repeat(bytes - 7), null, "2"};
    return new Token(key, word, null, null, null, null, false, false, generate, carried, null);
  }

  /**
   * At temperature 1, the likely word has the probability 0.98. At 1000, all four words have about
   * a quarter.
   */
  @ParameterizedTest
  @CsvSource({"1, 950, 1000", "0.1, 1000, 1000", "1000, 200, 300", "1e-40, 1000, 1000"})
  void temperatureSetsHowOftenTheLikelyWordIsDrawn(double temperature, int least, int most)
      throws Exception {
    try (RnnHarness harness = RnnHarness.open(going(null, 1000, temperature, 1))) {
      List<Prediction> came = harness.process(Token.of("k", "a").last());
      assertThat(came).hasSize(1001);
      Map<String, String> next = Map.of("a", "b", "b", "c", "c", "<end>", "<end>", "a");
      int likely = 0;
      for (int i = 1; i < came.size(); i++) {
        likely += came.get(i).token().equals(next.get(came.get(i - 1).token())) ? 1 : 0;
      }
      assertThat(likely).isBetween(least, most);
    }
  }

  @Test
  void theWordsDependOnSeedKeyAndStep() throws Exception {
    Map<String, List<String>> byCase = new TreeMap<>();
    for (long seed = 0; seed < 2; seed++) {
      try (RnnHarness harness = RnnHarness.open(going(null, 30, 1000, seed))) {
        for (String key : List.of("k", "l")) {
          List<String> words = new ArrayList<>();
          harness.process(Token.of(key, "a").last()).forEach(each -> words.add(each.token()));
          List<String> again = new ArrayList<>();
          harness.process(Token.of(key, "a").last()).forEach(each -> again.add(each.token()));
          assertThat(again).as("the same sequence again").isEqualTo(words);
          byCase.put(seed + key, words);
        }
      }
    }
    assertThat(byCase.values())
        .doesNotHaveDuplicates()
        .allSatisfy(words -> assertThat(words).contains("a", "b", "c", "<end>"));
  }

  /** A model that reads lower case takes {@code until} in any case. */
  @Test
  void untilIsReadAsTheVocabularyReadsWords() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary', 'lowercase': true}}");
    try (RnnHarness harness = RnnHarness.open(going("<END>", 9, 0, 0))) {
      assertThat(shown(harness.process(Token.of("k", "A").last())))
          .containsExactly("1 A", "2 b*", "3 c*", "4 <end>*");
    }
  }
}
