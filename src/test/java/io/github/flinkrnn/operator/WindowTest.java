package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a window, a prediction is that of the last n tokens from the initial state, bit for bit. */
class WindowTest {
  private static final int TOKENS = 60;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "one-hot, 1", "one-hot, 3", "one-hot, 10", "one-hot, 1000",
    "embedded, 1", "embedded, 3", "embedded, 10", "embedded, 1000",
    "features, 1", "features, 3", "features, 10", "features, 1000",
    "lstm, 1", "lstm, 3", "lstm, 10", "lstm, 1000"
  })
  void isAFreshRunOverTheLastTokens(String kind, int window) throws Exception {
    Path path = model(kind);
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(path).with(SequenceOptions.DEFAULT.withWindow(window));
    List<Token> tokens = tokens(path);
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.steps(tokens)).isEqualTo(fresh(path, tokens, window));
      assertThat(harness.metrics().count("steps")).isEqualTo(TOKENS);
    }
  }

  /**
   * Windows of different lengths give different results. Otherwise the test above would show
   * nothing.
   */
  @ParameterizedTest
  @CsvSource({"one-hot", "embedded", "features", "lstm"})
  void theWindowMatters(String kind) throws Exception {
    Path path = model(kind);
    List<Token> tokens = tokens(path);
    List<StepBits> carried = new SequentialReference(RnnModel.load(path)).steps(tokens);
    assertThat(fresh(path, tokens, TOKENS)).isEqualTo(carried);
    assertThat(fresh(path, tokens, 1).stream().filter(step -> step.t() > 1))
        .doesNotContainAnyElementsOf(carried);
  }

  private static List<StepBits> fresh(Path path, List<Token> tokens, int window)
      throws IOException {
    RnnModel model = RnnModel.load(path);
    Map<String, List<Token>> byKey = new HashMap<>();
    List<StepBits> steps = new ArrayList<>();
    for (Token token : tokens) {
      List<Token> all = byKey.computeIfAbsent(token.key(), key -> new ArrayList<>());
      all.add(token);
      RnnStepper stepper = model.stepper();
      float[] state = model.initialState();
      for (Token each : all.subList(Math.max(0, all.size() - window), all.size())) {
        float[] next = new float[model.stateSize()];
        if (model.input() instanceof ModelInput.Words words) {
          stepper.step(words.vocabulary().id(each.token()), state, next);
        } else {
          stepper.step(each.features(), state, next);
        }
        state = next;
      }
      float[] logits = stepper.logits(state);
      steps.add(
          StepBits.of(
              token.key(), all.size(), stepper.hidden(state), logits, stepper.prediction(logits)));
    }
    return steps;
  }

  private Path model(String kind) throws IOException {
    return switch (kind) {
      case "one-hot" -> ModelDirectory.words(directory);
      case "embedded" -> Path.of("src/test/resources/golden/gru-3-layers-words/model");
      case "features" -> GoldenCase.of("rnn-tanh").model();
      default -> learnedLstm();
    };
  }

  /** Two features into an LSTM of one unit with a learned initial state. */
  private Path learnedLstm() throws IOException {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .config("{'model_type': 'lstm', 'initial_state': ['h0', 'c0']}")
        .safetensors(
            new SafeTensorsFile()
                .f32("lstm.weight_ih_l0", new int[] {4, 2}, .5f, -1, 1, .25f, -.75f, 1, .5f, .5f)
                .f32("lstm.weight_hh_l0", new int[] {4, 1}, 1, -.5f, .75f, .25f)
                .f32("fc.weight", new int[] {2, 1}, 1, -1)
                .f32("h0", new int[] {1, 1, 1}, .75f)
                .f32("c0", new int[] {1, 1, 1}, -2));
    return directory;
  }

  private static List<Token> tokens(Path path) throws IOException {
    Random random = new Random(23);
    RnnModel model = RnnModel.load(path);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      String key = "k" + random.nextInt(2);
      if (model.input() instanceof ModelInput.Words words) {
        int word = random.nextInt(words.vocabulary().size());
        tokens.add(Token.of(key, words.vocabulary().word(word)));
      } else {
        float[] features = new float[model.input().size()];
        for (int at = 0; at < features.length; at++) {
          features[at] = (float) random.nextGaussian();
        }
        tokens.add(Token.of(key, features));
      }
    }
    return tokens;
  }

  /** A window begins and ends with its sequence. */
  @Test
  void endsWithTheSequence() throws Exception {
    ModelDirectory.words(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(directory).with(SequenceOptions.DEFAULT.withWindow(3));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      StepBits first = harness.step(Token.of("k", "cat"));
      assertThat(harness.t(Token.of("k", "sat").last())).isEqualTo(2);
      assertThat(harness.entries()).isZero();
      assertThat(harness.step(Token.of("k", "cat"))).isEqualTo(first);
      assertThat(harness.t(Token.of("k", "sat"))).isEqualTo(2);
      assertThat(harness.step(Token.of("k", "cat").first())).isEqualTo(first);
    }
  }

  /** The score of a token under the previous step is computed from the previous window. */
  @Test
  void rankAndSurpriseAreThoseOfTheWindowBefore() throws Exception {
    Path model = ModelDirectory.cycle(directory);
    OutputOptions scores =
        OutputOptions.DEFAULT.withFields(List.of(OutputField.RANK, OutputField.SURPRISE));
    RnnFunction<String, Token, Prediction> carried = RnnFunction.of(model.toString()).with(scores);
    RnnFunction<String, Token, Prediction> windowed =
        carried.with(SequenceOptions.DEFAULT.withWindow(1));
    String[] words = {"a", "b", "c", "a", "a", "b", "<end>"};
    try (RnnHarness one = RnnHarness.open(carried);
        RnnHarness two = RnnHarness.open(windowed)) {
      for (String word : words) {
        one.process(Token.of("k", word));
        two.process(Token.of("k", word));
      }
      assertThat(two.all())
          .as("this model depends on one word only")
          .usingRecursiveComparison()
          .isEqualTo(one.all());
      assertThat(two.all()).extracting("rank").containsExactly(null, 1, 1, 2, 2, 1, 2);
    }
  }
}
