package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * If a model does not support an option, the error is one line that names the option, before
 * anything starts.
 */
class ModelFitTest {
  private static final SequenceOptions PLAIN = SequenceOptions.DEFAULT;
  private static final OutputOptions OUTPUT = OutputOptions.DEFAULT;
  private static final String OF_FEATURES = "expected a model of words, found one of features";

  @TempDir private Path directory;

  private RnnModel words() throws IOException {
    return RnnModel.load(ModelDirectory.words(directory));
  }

  private RnnModel cycle() throws IOException {
    return RnnModel.load(ModelDirectory.cycle(directory));
  }

  private RnnModel features() throws IOException {
    return RnnModel.load(ModelDirectory.threeFeatures(directory));
  }

  private RnnModel cycle(String config) throws IOException {
    ModelDirectory.cycle(directory);
    return io.github.flinkrnn.model.ModelDirectory.in(directory).config(config).load();
  }

  /** A user of the library gets the message that a user of a job file gets. */
  private static void assertRefused(
      RnnModel model, SequenceOptions sequence, OutputOptions output, String message) {
    OptionException refused =
        catchThrowableOfType(OptionException.class, () -> ModelFit.check(model, sequence, output));
    assertThat(refused).isNotNull().hasMessage(message);
    assertThat(refused.field() + ": " + refused.problem()).isEqualTo(message);
  }

  private static OutputOptions emit(Emit emit) {
    return OUTPUT.withEmit(emit);
  }

  private static SequenceOptions generating(String until) {
    return PLAIN.withGeneration(new Generation(until, 5, 1, 0));
  }

  @Test
  void supportedOptionsAreAccepted() throws IOException {
    ModelFit.check(words(), PLAIN.withTokens("the", "down").withWindow(5), OUTPUT.withTopK(2));
    ModelFit.check(words(), PLAIN, emit(Emit.of(Emit.When.CHANGE)));
    ModelFit.check(words(), PLAIN, emit(new Emit(Emit.When.ABOVE, 0.5, "B")));
    ModelFit.check(cycle(), generating("<end>"), emit(Emit.above(Emit.When.RANK_ABOVE, 1)));
    ModelFit.check(features(), PLAIN.withWindow(3), emit(Emit.of(Emit.When.LAST)));
    ModelFit.check(features(), PLAIN, emit(Emit.above(Emit.When.ABOVE, 0.5)));
  }

  /** Its probabilities would be used as logits. */
  @Test
  void aStepGraphThatAppliesItsActivationDoesNotGenerate() throws IOException {
    Path graph = Files.createDirectory(directory.resolve("graph"));
    Files.write(graph.resolve("model.onnx"), SmallSteps.softmaxOfWordsModel());
    Files.writeString(graph.resolve("vocab.txt"), "a\nb\n");
    try (RnnModel model = RnnModel.load(graph)) {
      assertRefused(
          model,
          generating("b"),
          OUTPUT,
          "sequence.generate: expected a model whose outputs are logits, found softmax (in the"
              + " graph)");
    }
  }

  @Test
  void aWordThatTheVocabularyDoesNotHold() throws IOException {
    String expected = "expected a word of the vocabulary, found 'dog'";
    assertRefused(
        words(), PLAIN.withTokens("dog", null), OUTPUT, "sequence.start_token: " + expected);
    assertRefused(
        words(), PLAIN.withTokens(null, "dog"), OUTPUT, "sequence.end_token: " + expected);
    assertRefused(cycle(), generating("dog"), OUTPUT, "sequence.generate.until: " + expected);
  }

  /**
   * With an unknown token, the model reads any word. But a start or end token must be a word of the
   * vocabulary.
   */
  @Test
  void aWordThatIsReadAsTheUnknownOne() throws IOException {
    RnnModel model = cycle("{'input': {'type': 'vocabulary', 'unknown_token': 'a'}}");
    ModelFit.check(model, PLAIN.withTokens("b", "a"), OUTPUT);
    assertRefused(
        model,
        PLAIN.withTokens(null, "dog"),
        OUTPUT,
        "sequence.end_token: expected a word of the vocabulary, found 'dog'");
  }

  @Test
  void wordsOfAModelOfFeatures() throws IOException {
    assertRefused(
        features(), PLAIN.withTokens("a", null), OUTPUT, "sequence.start_token: " + OF_FEATURES);
    assertRefused(
        features(), PLAIN.withTokens(null, "a"), OUTPUT, "sequence.end_token: " + OF_FEATURES);
    assertRefused(features(), generating(null), OUTPUT, "sequence.generate: " + OF_FEATURES);
    assertRefused(features(), generating("a"), OUTPUT, "sequence.generate.until: " + OF_FEATURES);
    assertRefused(
        features(),
        PLAIN,
        OUTPUT.withFields(List.of(OutputField.RANK)),
        "output.fields: " + OF_FEATURES);
    assertRefused(
        features(),
        PLAIN,
        emit(Emit.above(Emit.When.SURPRISE_ABOVE, 1)),
        "output.emit: " + OF_FEATURES);
  }

  @Test
  void changesOfALabelWithoutLabels() throws IOException {
    assertRefused(
        cycle(),
        PLAIN,
        emit(Emit.of(Emit.When.CHANGE)),
        "output.emit: change: expected a model with output.labels");
  }

  @Test
  void aLabelOfNoOutput() throws IOException {
    Emit aboveC = new Emit(Emit.When.ABOVE, 0.5, "C");
    String message = "output.emit.label: expected a label of the model, found 'C'";
    assertRefused(words(), PLAIN, emit(aboveC), message);
    assertRefused(features(), PLAIN, emit(aboveC), message);
  }

  @ParameterizedTest
  @EnumSource(
      value = OutputField.class,
      names = {"RANK", "SURPRISE"})
  void scoresOfOutputsThatAreNotWords(OutputField field) throws IOException {
    assertRefused(
        words(),
        PLAIN,
        OUTPUT.withFields(List.of(field)),
        "output.fields: expected labels that are words of the vocabulary, found none");
  }

  @ParameterizedTest
  @EnumSource(
      value = Emit.When.class,
      names = {"RANK_ABOVE", "SURPRISE_ABOVE"})
  void scoresThatAreNotShown(Emit.When when) throws IOException {
    assertRefused(
        words(),
        PLAIN,
        emit(Emit.above(when, 1)),
        "output.emit: expected labels that are words of the vocabulary, found none");
  }

  @Test
  void scoresOfOutputsWithoutASoftmax() throws IOException {
    RnnModel model =
        cycle("{'input': {'type': 'vocabulary'}, 'output': {'activation': 'sigmoid'}}");
    assertRefused(
        model,
        PLAIN,
        OUTPUT.withFields(List.of(OutputField.SURPRISE)),
        "output.fields: expected a model with softmax, found sigmoid");
    assertRefused(
        model,
        PLAIN,
        emit(Emit.above(Emit.When.RANK_ABOVE, 1)),
        "output.emit: expected a model with softmax, found sigmoid");
  }

  @Test
  void generatedOutputsThatAreNotWords() throws IOException {
    assertRefused(
        words(),
        generating(null),
        OUTPUT,
        "sequence.generate: expected labels that are words of the vocabulary, found none");
    RnnModel some =
        cycle(
            "{'input': {'type': 'vocabulary'},"
                + " 'output': {'labels': ['a', 'b', 'other', '<end>']}}");
    assertRefused(
        some,
        generating(null),
        OUTPUT,
        "sequence.generate: expected a word of the vocabulary for each output, found 'other'");
  }

  @Test
  void moreOfTheLargestThanThereAre() throws IOException {
    assertRefused(
        words(),
        PLAIN,
        OUTPUT.withTopK(3),
        "output.top_k: expected at most the model's 2 outputs, found 3");
  }

  /** A user of the library sees the error when the operator opens. */
  @Test
  void theOperatorDoesNotOpen() throws IOException {
    ModelDirectory.words(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(directory.toString()).with(OUTPUT.withTopK(3));
    String message = "output.top_k: expected at most the model's 2 outputs, found 3";
    SuppressRestartsException opened =
        catchThrowableOfType(
            SuppressRestartsException.class, () -> RnnHarness.open(recurrence).close());
    assertThat(opened).cause().isInstanceOf(OptionException.class).hasMessage(message);
    OptionException checked = catchThrowableOfType(OptionException.class, recurrence::check);
    assertThat(checked).hasMessage(message);
    RnnFunction<String, Token, Prediction> served = recurrence.with(OUTPUT.withTopK(2));
    assertThat(served.check()).isSameAs(served);
  }
}
