package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model, tokens of interleaved keys, and what the reference (PyTorch; numpy for {@code
 * course-rnn}) computes for each token.
 */
public record GoldenCase(Path model, List<Token> tokens, List<Expected> expected) {
  /** The maximum difference from the reference. */
  public static final float TOLERANCE = 2e-5f;

  /** All numbers of a step. */
  public static final OutputOptions NUMBERS =
      OutputOptions.DEFAULT.withFields(
          List.of(OutputField.PREDICTION, OutputField.LOGITS, OutputField.HIDDEN));

  /** What the reference computes for a token. */
  public record Expected(String key, long t, float[] prediction, float[] hidden) {}

  public static GoldenCase of(String name) throws IOException {
    Path directory = resource(name);
    List<Token> tokens = new ArrayList<>();
    for (JsonNode token : lines(directory.resolve("tokens.jsonl"))) {
      tokens.add(Token.of(token.get("key").asString(), floats(token.get("features"))));
    }
    List<Expected> expected = new ArrayList<>();
    for (JsonNode line : lines(directory.resolve("expected.jsonl"))) {
      expected.add(
          new Expected(
              line.get("key").asString(),
              line.get("t").asLong(),
              floats(line.get("prediction")),
              floats(line.get("hidden"))));
    }
    return new GoldenCase(directory.resolve("model"), tokens, expected);
  }

  /** A file or directory of {@code src/test/resources/operator}. */
  static Path resource(String name) {
    URL url = GoldenCase.class.getResource("/operator/" + name);
    if (url == null) {
      throw new IllegalArgumentException("no test resource operator/" + name);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  public RnnModel load() throws IOException {
    return RnnModel.load(model);
  }

  /** The recurrence with all numbers of a step in its predictions. */
  public RnnFunction<String, Token, Prediction> recurrence() {
    return withNumbers(model);
  }

  /** The recurrence of a model directory, with all numbers of a step in its predictions. */
  public static RnnFunction<String, Token, Prediction> withNumbers(Path model) {
    return RnnFunction.of(model.toString())
        .withFields(OutputField.PREDICTION, OutputField.LOGITS, OutputField.HIDDEN);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    JsonMapper json = new JsonMapper();
    return Files.readAllLines(file).stream().map(json::readTree).toList();
  }

  private static float[] floats(JsonNode numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers.get(i).asDouble();
    }
    return floats;
  }
}
