package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The output for each key is the same, bit for bit, whatever the size of a batch. */
class BatchBitsTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final int TOKENS = 240;

  /** The sizes before and after a restore. */
  private static final int[][] SIZES = {{2, 2}, {3, 64}, {7, 7}, {32, 1}, {64, 3}, {1, 32}};

  private static final OutputOptions NOTHING = fields(OutputField.SEQ);
  private static final OutputOptions NUMBERS =
      fields(
          OutputField.TOKEN,
          OutputField.LABEL,
          OutputField.PREDICTION,
          OutputField.LOGITS,
          OutputField.HIDDEN);

  @TempDir private Path directory;

  private static OutputOptions fields(OutputField... fields) {
    return OutputOptions.DEFAULT.withFields(List.of(fields)).withEnds();
  }

  private static RnnFunction<String, Token, Prediction> function(Path model, OutputOptions output) {
    return RnnFunction.of(model.toString())
        .with(output)
        .with(OnRejected.SIDE_OUTPUT)
        .withIdleTimeout(Duration.ofMillis(1600));
  }

  private static int assertSame(RnnFunction<String, Token, Prediction> function, List<Token> tokens)
      throws Exception {
    return assertSame(function, tokens, Emit.When.EACH);
  }

  /** Compares all sizes with one token at a time. Returns how many predictions there are. */
  private static int assertSame(
      RnnFunction<String, Token, Prediction> function, List<Token> tokens, Emit.When when)
      throws Exception {
    // Timers emit the last steps, and those of different keys may fire in any order.
    return assertSame(function, tokens, when == Emit.When.LAST);
  }

  private static int assertSame(
      RnnFunction<String, Token, Prediction> function, List<Token> tokens, boolean byKey)
      throws Exception {
    BatchRun.Outcome expected = BatchRun.run(function, tokens, 1, 1, false);
    for (int[] sizes : SIZES) {
      BatchRun.Outcome outcome = BatchRun.run(function, tokens, sizes[0], sizes[1], false);
      assertThat(byKey ? outcome.byKey() : outcome)
          .as("batches of %d, then of %d", sizes[0], sizes[1])
          .isEqualTo(byKey ? expected.byKey() : expected);
    }
    return expected.predictions().size();
  }

  /** Tokens that fit the input of a model. */
  private static List<Token> tokens(Path directory, int keys) throws IOException {
    Random random = new Random(keys);
    try (RnnModel model = RnnModel.load(directory)) {
      Supplier<Token> next =
          model.input() instanceof ModelInput.Fields
              ? recorded(directory, model, random)
              : BatchRun.randomly(model, random);
      return BatchRun.tokens(TOKENS, keys, random, next);
    }
  }

  /** Tokens of the case of a model, in any order. */
  private static Supplier<Token> recorded(Path directory, RnnModel model, Random random)
      throws IOException {
    TokenDecoder decoder =
        new TokenDecoder(
            TokenReader.fields(model, TokenFields.TOP_LEVEL),
            TokenReader.reads(model),
            TokenDecoder.DEFAULT_MAX_BYTES);
    List<Token> all = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolveSibling("tokens.jsonl"))) {
      byte[] json = line.getBytes(StandardCharsets.UTF_8);
      try {
        Token token = decoder.decode(new SourceRecord(null, json, json.length, null, null));
        all.add(token.atTime(token.timestamp() == null ? 0 : token.timestamp()));
      } catch (Rejection e) {
        assertThat(line).isNotEmpty(); // some records are not tokens
      }
    }
    return () -> all.get(random.nextInt(all.size()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "golden/course-rnn",
        "golden/rnn-tanh",
        "golden/rnn-relu",
        "golden/gru",
        "golden/gru-3-layers-words",
        "golden/lstm",
        "golden/lstm-2-layers",
        "golden/lstm-projected",
        "golden/lstm-words-bf16",
        "pytorch/gru-under-lstm",
        "pytorch/head-3-relu",
        "pytorch/layers-activations",
        "pytorch/layers-conv",
        "pytorch/layers-dilated",
        "pytorch/layers-norms",
        "pytorch/layers-residual",
        "pytorch/layers-words",
        "pytorch/learned-h0-c0",
        "pytorch/tied-gru",
        "pytorch/tied-projected-lstm",
        "pytorch-fields/everything",
        "pytorch-fields/field-heads",
        "pytorch-fields/fraud",
        "pytorch-fields/one-hot",
        "pytorch-fields/word-heads",
        "keras-real/heads",
        "keras-real/mask-zero",
        "keras-real/shared-layers",
        "onnx/gru-reset-before"
      })
  void ofEveryKindOfModel(String name) throws Exception {
    Path model = RESOURCES.resolve(name).resolve("model");
    RnnFunction<String, Token, Prediction> function = function(model, NUMBERS);
    assertThat(assertSame(function, tokens(model, 9))).isGreaterThan(TOKENS / 2);
    assertThat(assertSame(function, tokens(model, 70))).isGreaterThan(TOKENS / 2);
  }

  /** The weights of one-hot words come from a table. */
  @Test
  void ofOneHotWords() throws Exception {
    Path model = ModelDirectory.words(directory);
    assertThat(assertSame(function(model, NUMBERS.withTopK(1)), tokens(model, 9)))
        .isEqualTo(TOKENS);
  }

  /** Held values, overlap, elapsed time, an embedding, a convolution. */
  @ParameterizedTest
  @CsvSource({"false, 0", "true, 0", "false, 3", "true, 1", "true, 40"})
  void ofFieldsThatComeFromTheTokenBefore(boolean severalHeads, int window) throws Exception {
    Path model = SimulatedFields.write(directory, severalHeads);
    Random random = new Random(5);
    List<Token> tokens = BatchRun.tokens(TOKENS, 9, random, () -> withValues(random));
    SequenceOptions sequence =
        SequenceOptions.DEFAULT.withWindow(window).withIdleTimeout(Duration.ofMillis(1600), false);
    assertThat(assertSame(function(model, NUMBERS).with(sequence), tokens))
        .isBetween(TOKENS / 2, TOKENS - 1);
    assertSame(function(model, fields(OutputField.RANK)).with(sequence), tokens);
  }

  private static Token withValues(Random random) {
    Map<String, Object> values = new HashMap<>();
    String[] words = {"the", "cat", "sat", "down", "zebra"};
    values.put("word", words[random.nextInt(random.nextInt(5) == 0 ? 5 : 4)]);
    values.put("amount", random.nextInt(5) == 0 ? null : random.nextInt(100) / 4.0);
    values.put("segment", random.nextInt(3) == 0 ? (Object) random.nextInt(3) : null);
    values.put("probe", new double[] {random.nextInt(9), random.nextInt(9)});
    return Token.of("", values).atTime(random.nextInt(100));
  }

  /** Predictions that wait for later tokens, with all kinds of ends. */
  @ParameterizedTest
  @CsvSource({
    "rnn-words, 0, EACH",
    "rnn-words, 2, EACH",
    "rnn-words, 2, CHANGE",
    "rnn-words, 3, LAST",
    "rnn-words, 2147483647, EACH",
    "fields-heads, 1, EACH",
    "fields-heads, 2, EACH",
    "gru-3-layers, 1, EACH",
    "gru-3-layers, 2, LAST",
    "lstm-projected-2-layers, 2, EACH",
    "norms-between, 2147483647, EACH",
    "one-way-between, 2, EACH",
    "final-words, 2147483647, EACH"
  })
  void ofALookAhead(String name, int look, Emit.When when) throws Exception {
    Path model = RESOURCES.resolve("look-ahead").resolve(name).resolve("model");
    boolean ofTheEnds = name.startsWith("final");
    Duration timeout = Duration.ofMillis(ofTheEnds ? 0 : 300);
    SequenceOptions sequence =
        SequenceOptions.DEFAULT
            .withMaxLength(20)
            .withIdleTimeout(Duration.ofMillis(1600), false)
            .withLookAhead(new LookAhead(look, timeout));
    OutputOptions numbers = NUMBERS.withEmit(Emit.of(when));
    int emitted = assertSame(function(model, numbers).with(sequence), tokens(model, 9), true);
    assertThat(emitted).isPositive();
    if (when == Emit.When.EACH && !ofTheEnds) {
      assertThat(emitted).isEqualTo(TOKENS);
    }
    OutputOptions provisional = numbers.withProvisional();
    assertSame(function(model, provisional).with(sequence), tokens(model, 70), true);
  }

  /** A window of words or features: from a&lt;0&gt; at each token. */
  @ParameterizedTest
  @CsvSource({
    "golden/gru-3-layers-words, 1",
    "golden/gru-3-layers-words, 3",
    "golden/rnn-tanh, 3",
    "golden/lstm-projected, 10",
    "golden/lstm, 1000",
    "pytorch/layers-conv, 4",
    "pytorch-fields/field-heads, 3"
  })
  void ofAWindow(String name, int window) throws Exception {
    Path model = RESOURCES.resolve(name).resolve("model");
    SequenceOptions sequence =
        SequenceOptions.DEFAULT.withWindow(window).withIdleTimeout(Duration.ofMillis(1600), false);
    assertSame(function(model, NUMBERS).with(sequence), tokens(model, 9));
    assertSame(function(model, fields(OutputField.HIDDEN)).with(sequence), tokens(model, 70));
    assertSame(function(model, NOTHING).with(sequence), tokens(model, 9));
  }

  /** A GRU that predicts the next one of six words. */
  private Path nextWord() throws IOException {
    Random random = new Random(11);
    String words = "'a', 'b', 'c', 'd', 'e', '<end>'";
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .vocabulary("a", "b", "c", "d", "e", "<end>", "other")
        .safetensors(
            new SafeTensorsFile()
                .f32("embedding.weight", new int[] {7, 3}, drawn(random, 21))
                .f32("rnn.weight_ih_l0", new int[] {15, 3}, drawn(random, 45))
                .f32("rnn.weight_hh_l0", new int[] {15, 5}, drawn(random, 75))
                .f32("fc.weight", new int[] {6, 5}, drawn(random, 30)))
        .config(
            "{'model_type': 'gru', 'input': {'type': 'vocabulary'}, 'output': {'labels': ["
                + words
                + "]}}");
    return directory;
  }

  /** An LSTM that predicts the next three features. */
  private Path nextFeatures() throws IOException {
    Random random = new Random(12);
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {20, 3}, drawn(random, 60))
                .f32("rnn.weight_hh_l0", new int[] {20, 5}, drawn(random, 100))
                .f32("fc.weight", new int[] {3, 5}, drawn(random, 15)))
        .config(
            "{'model_type': 'lstm', 'input': {'type': 'features', 'scale': {'mean': [0, 1, 2],"
                + " 'std': 2}}, 'output': {'activation': 'identity'}}");
    return directory;
  }

  private static float[] drawn(Random random, int n) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static Emit rule(String name, double limit) {
    Emit.When when = Emit.When.valueOf(name);
    boolean hasLimit = when.name().endsWith("ABOVE");
    return hasLimit ? Emit.above(when, limit) : Emit.of(when);
  }

  /** With and without the fields that a rule depends on, and with a window. */
  @ParameterizedTest
  @CsvSource({
    "EACH, 0",
    "CHANGE, 0",
    "ABOVE, 0.5",
    "RANK_ABOVE, 2",
    "SURPRISE_ABOVE, 1.5",
    "LAST, 0"
  })
  void ofEveryRuleForWords(String name, double limit) throws Exception {
    Path model = nextWord();
    Emit rule = rule(name, limit);
    OutputOptions scored =
        fields(
            OutputField.LABEL,
            OutputField.PREDICTION,
            OutputField.HIDDEN,
            OutputField.SURPRISE,
            OutputField.RANK);
    List<Token> tokens = tokens(model, 9);
    int emitted = assertSame(function(model, NOTHING.withEmit(rule)), tokens, rule.when());
    if (rule.when() == Emit.When.EACH) {
      assertThat(emitted).isEqualTo(TOKENS);
    } else {
      assertThat(emitted).as("some").isBetween(TOKENS / 20, TOKENS * 19 / 20);
    }
    assertThat(assertSame(function(model, scored.withEmit(rule)), tokens, rule.when()))
        .isEqualTo(emitted);
    assertThat(assertSame(function(model, scored.withEmit(rule).withTopK(2)), tokens, rule.when()))
        .isEqualTo(emitted);
    SequenceOptions window =
        SequenceOptions.DEFAULT.withWindow(3).withIdleTimeout(Duration.ofMillis(1600), false);
    assertSame(function(model, NOTHING.withEmit(rule)).with(window), tokens, rule.when());
    assertSame(function(model, scored.withEmit(rule)).with(window), tokens(model, 70), rule.when());
  }

  @ParameterizedTest
  @CsvSource({"EACH, 0", "ABOVE, 0.3", "ERROR_ABOVE, 0.7", "LAST, 0"})
  void ofEveryRuleForForecasts(String name, double limit) throws Exception {
    Path model = nextFeatures();
    Emit rule = rule(name, limit);
    List<Token> tokens = tokens(model, 9);
    int emitted = assertSame(function(model, NOTHING.withEmit(rule)), tokens, rule.when());
    assertThat(emitted).isGreaterThan(TOKENS / 20);
    OutputOptions scored = fields(OutputField.ERROR, OutputField.PREDICTION).withEmit(rule);
    assertThat(assertSame(function(model, scored), tokens, rule.when())).isEqualTo(emitted);
    SequenceOptions window =
        SequenceOptions.DEFAULT.withWindow(3).withIdleTimeout(Duration.ofMillis(1600), false);
    assertSame(function(model, scored).with(window), tokens(model, 70), rule.when());
  }

  @ParameterizedTest
  @CsvSource({"risk, 0.47", "next, 0.2"})
  void ofARuleForOneOfSeveralHeads(String head, double limit) throws Exception {
    Path model = RESOURCES.resolve("pytorch-fields/field-heads/model");
    Emit above = Emit.above(Emit.When.ABOVE, limit).withHead(head);
    int emitted = assertSame(function(model, NOTHING.withEmit(above)), tokens(model, 9));
    assertThat(emitted).isBetween(TOKENS / 20, TOKENS * 19 / 20);
    assertThat(assertSame(function(model, NUMBERS.withEmit(above)), tokens(model, 9)))
        .isEqualTo(emitted);
    if (head.equals("next")) {
      Emit change = Emit.of(Emit.When.CHANGE).withHead(head);
      assertSame(function(model, NOTHING.withEmit(change)), tokens(model, 70));
    }
  }

  /** Generated words come between those of the input, and change no state. */
  @ParameterizedTest
  @CsvSource({
    "EACH, 0, 0",
    "EACH, 0, 3",
    "CHANGE, 0, 0",
    "RANK_ABOVE, 2, 0",
    "LAST, 0, 0",
    "LAST, 0, 3"
  })
  void ofGeneratedWords(String name, double limit, int window) throws Exception {
    Path model = nextWord();
    Random random = new Random(6);
    List<Token> tokens =
        tokens(model, 9).stream()
            .map(token -> random.nextInt(8) == 0 ? token.withGenerate() : token)
            .toList();
    SequenceOptions sequence =
        SequenceOptions.DEFAULT
            .withWindow(window)
            .withIdleTimeout(Duration.ofMillis(1600), false)
            .withTokens("a", "<end>")
            .withGeneration(new Generation("<end>", 5, 0.8, 3));
    OutputOptions output =
        fields(OutputField.TOKEN, OutputField.RANK, OutputField.PREDICTION)
            .withEmit(rule(name, limit));
    int emitted =
        assertSame(function(model, output).with(sequence), tokens, Emit.When.valueOf(name));
    assertThat(emitted).isGreaterThan(TOKENS / 5);
  }

  @Test
  void onRocksDb() throws Exception {
    Path model = nextWord();
    RnnFunction<String, Token, Prediction> function =
        function(model, NUMBERS)
            .with(
                SequenceOptions.DEFAULT
                    .withIdleTimeout(Duration.ofMillis(1600), false)
                    .withMaxLength(20)
                    .withGeneration(new Generation("<end>", 3, 0.8, 3)));
    List<Token> tokens = tokens(model, 9);
    BatchRun.Outcome expected = BatchRun.run(function, tokens, 1, 1, false);
    for (int[] sizes : new int[][] {{1, 1}, {2, 2}, {7, 7}, {64, 64}, {32, 3}}) {
      assertThat(BatchRun.run(function, tokens, sizes[0], sizes[1], true))
          .as("batches of %d, then of %d", sizes[0], sizes[1])
          .isEqualTo(expected);
    }
  }

  /** Without this, the tests above might compare nothing. */
  @Test
  void aDifferenceIsFound() throws Exception {
    Path model = RESOURCES.resolve("golden/lstm/model");
    List<Token> tokens = tokens(model, 9);
    BatchRun.Outcome outcome = BatchRun.run(function(model, NUMBERS), tokens, 7, 7, false);
    assertThat(outcome.predictions()).extracting(Prediction::key).contains("k1", "k9");
    assertThat(outcome.left()).hasSizeGreaterThan(8).doesNotContain("0 0 0 0");
    assertThat(outcome.ended().values().stream().flatMap(List::stream))
        .anyMatch(end -> end.endsWith("idle-timeout"))
        .anyMatch(end -> end.endsWith(" start"))
        .anyMatch(end -> end.endsWith(" end"));
    List<Token> others = new ArrayList<>(tokens);
    others.set(0, Token.of(tokens.get(0).key(), new float[tokens.get(0).features().length]));
    assertThat(BatchRun.run(function(model, NUMBERS), others, 7, 7, false)).isNotEqualTo(outcome);
  }
}
