package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link PlainSteps} takes, rejects and computes the same steps as the operator, bit for bit. */
class PlainStepsTest {
  @TempDir private Path directory;

  /** Each prediction as its key, label and bits; "rejected" for a token that was not taken. */
  private static List<String> plain(Path path, List<Token> tokens) throws IOException {
    record Kept(float[] values, long time) {}
    Map<String, Kept> states = new HashMap<>();
    List<String> found = new ArrayList<>();
    try (RnnModel model = RnnModel.load(path);
        PlainSteps steps = new PlainSteps(model)) {
      assertThat(steps.fingerprint()).isEqualTo(model.fingerprint());
      for (Token token : tokens) {
        Kept kept = states.getOrDefault(token.key(), new Kept(null, Position.NONE));
        float[] before = kept.values() == null ? null : kept.values().clone();
        float[] next = steps.step(token, kept.values(), kept.time());
        assertThat(kept.values()).isEqualTo(before);
        if (next == null) {
          found.add("rejected");
          continue;
        }
        assertThat(next).hasSize(steps.size());
        states.put(token.key(), new Kept(next.clone(), steps.timeToKeep(token)));
        found.add(text(token.key(), steps.label(), steps.prediction()));
      }
    }
    return found;
  }

  private static List<String> operator(Path path, List<Token> tokens) throws Exception {
    List<String> found = new ArrayList<>();
    try (RnnHarness harness =
        RnnHarness.open(
            RnnFunction.of(path.toString())
                .withFields(OutputField.LABEL, OutputField.PREDICTION))) {
      for (Token token : tokens) {
        List<Prediction> predictions = harness.process(token);
        for (Prediction prediction : predictions) {
          found.add(text(prediction.key(), prediction.label(), prediction.prediction()));
        }
        if (predictions.isEmpty()) {
          found.add("rejected");
        }
      }
    }
    return found;
  }

  private static String text(String key, String label, float[] prediction) {
    StringBuilder text = new StringBuilder(key + " " + label);
    for (float y : prediction) {
      text.append(' ').append(Integer.toHexString(Float.floatToRawIntBits(y)));
    }
    return text.toString();
  }

  private static void assertEqual(Path path, List<Token> tokens, int rejected) throws Exception {
    List<String> plain = plain(path, tokens);
    assertThat(plain).isEqualTo(operator(path, tokens));
    assertThat(plain).filteredOn("rejected"::equals).hasSize(rejected);
    assertThat(plain.size()).isGreaterThan(rejected);
  }

  @Test
  void features() throws Exception {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    List<Token> tokens = new ArrayList<>(golden.tokens());
    String key = tokens.get(0).key();
    int n = tokens.get(0).features().length;
    tokens.add(3, Token.of(key, new float[n + 1]));
    float[] notANumber = new float[n];
    notANumber[n - 1] = Float.NaN;
    tokens.add(5, Token.of(key, notANumber));
    tokens.add(6, Token.of(key, "a word"));
    assertEqual(golden.model(), tokens, 3);
  }

  @Test
  void words() throws Exception {
    Path path = ModelDirectory.words(directory);
    List<Token> tokens = new ArrayList<>();
    for (String word : List.of("the", "cat", "sat", "on", "the", "mat", "unheard", "cat", "cat")) {
      tokens.add(Token.of("k", word));
      tokens.add(Token.of("j", word));
    }
    assertEqual(path, tokens, 6);
  }

  /** Fields that need the time and the values of the token before. */
  @Test
  void fields() throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(directory)
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {2, 3}, .5f, -1, .25f, 1, .75f, -.5f)
                .f32("rnn.weight_hh_l0", new int[] {2, 2}, .5f, .25f, -.25f, .5f)
                .f32("fc.weight", new int[] {2, 2}, 1, -1, .5f, 2))
        .config(
            "{'input': {'fields': [{'name': 'amount'}, {'name': 'limit', 'hold': true},"
                + "{'type': 'elapsed', 'first': 0}]}, 'output': {'labels': ['good', 'bad']}}");
    List<Token> tokens =
        List.of(
            payment("k", 1000, 3.0, 2.0),
            payment("k", 2500, 1.0, null),
            payment("j", 2600, 1.0, null), // has no limit to hold
            payment("k", 2700, null, 1.0), // has no amount, which leaves time and limit
            Token.of("k", Map.of("amount", 1, "limit", 1)), // has no time
            payment("j", 2800, -2.0, .5),
            payment("k", 4000, 2.0, null),
            payment("j", 2700, 2.0, null));
    assertEqual(directory, tokens, 3);
  }

  private static Token payment(String key, long millis, Double amount, Double limit) {
    Map<String, Object> values = new HashMap<>();
    values.put("amount", amount);
    values.put("limit", limit);
    return Token.of(key, values).atTime(millis);
  }

  @Test
  void overflow() throws Exception {
    Path path = ModelDirectory.hiddenOverflow(directory);
    List<Token> tokens =
        List.of(
            Token.of("k", .5f),
            Token.of("k", 1),
            Token.of("k", Float.MAX_VALUE),
            Token.of("k", .25f));
    assertEqual(path, tokens, 1);
  }

  /** A graph that ONNX Runtime runs, and that does not accept each token. */
  @Test
  void stepGraph() throws Exception {
    Files.write(directory.resolve("model.onnx"), SmallSteps.tableModel());
    Files.writeString(directory.resolve("config.json"), "{}");
    List<Token> tokens =
        List.of(Token.of("k", 2), Token.of("k", 3), Token.of("k", 0), Token.of("j", 1));
    assertEqual(directory, tokens, 1);
  }
}
