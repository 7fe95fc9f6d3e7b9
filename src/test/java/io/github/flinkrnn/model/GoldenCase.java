package io.github.flinkrnn.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.ejml.data.FMatrixRMaj;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A reference case in {@code src/test/resources/golden}: a model directory, tokens with interleaved
 * keys as on a topic, and what PyTorch (numpy for the course) computed for each token.
 */
public final class GoldenCase {
  /** The maximum difference of a number from the reference. */
  public static final float TOLERANCE = 2e-5f;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** A line of {@code tokens.jsonl} with the same line of the expected file. */
  public record Step(
      String key,
      String token,
      float[] features,
      int t,
      float[] prediction,
      float[] hidden,
      String label) {

    /** Takes the step of this token, with its word or its features. */
    public void take(RnnModel model, RnnStepper stepper, float[] previous, float[] next) {
      if (model.input() instanceof ModelInput.Words words) {
        stepper.step(words.vocabulary().id(token), previous, next);
      } else {
        stepper.step(features, previous, next);
      }
    }
  }

  private final Path directory;

  private GoldenCase(Path directory) {
    this.directory = directory;
  }

  /** The names of the reference cases. */
  public static Stream<String> names() {
    return Stream.of(
        "course-rnn",
        "rnn-tanh",
        "rnn-relu",
        "rnn-no-bias",
        "gru",
        "gru-3-layers-words",
        "lstm",
        "lstm-2-layers",
        "lstm-projected",
        "lstm-words-bf16");
  }

  public static GoldenCase of(String name) {
    return of("golden", name);
  }

  /** A reference case in another folder of {@code src/test/resources}. */
  public static GoldenCase of(String folder, String name) {
    return new GoldenCase(resource("/" + folder + "/" + name));
  }

  /** A reference case in this directory. */
  static GoldenCase in(Path directory) {
    return new GoldenCase(directory);
  }

  /** A directory of {@code src/test/resources}. */
  static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(GoldenCase.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path modelDirectory() {
    return directory.resolve("model");
  }

  public RnnModel model() throws IOException {
    return RnnModel.load(modelDirectory());
  }

  /** The steps in the order of the file, from a&lt;0&gt; = 0. */
  public List<Step> steps() {
    return steps("expected.jsonl");
  }

  public List<Step> steps(String expectedFile) {
    List<JsonNode> tokens = lines("tokens.jsonl");
    List<JsonNode> expected = lines(expectedFile);
    if (tokens.isEmpty() || tokens.size() != expected.size()) {
      throw new IllegalStateException(tokens.size() + " tokens, " + expected.size() + " expected");
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      JsonNode token = tokens.get(i);
      JsonNode y = expected.get(i);
      if (!token.get("key").equals(y.get("key"))) {
        throw new IllegalStateException("line " + (i + 1) + " is of another key");
      }
      steps.add(
          new Step(
              token.get("key").stringValue(),
              token.has("token") ? token.get("token").stringValue() : null,
              token.has("features") ? vector(token.get("features")) : null,
              y.get("t").intValue(),
              vector(y.get("prediction")),
              y.has("hidden") ? vector(y.get("hidden")) : null,
              y.has("label") ? y.get("label").stringValue() : null));
    }
    return steps;
  }

  /** A JSON file beside the model. */
  public JsonNode json(String file) {
    return JSON.readTree(directory.resolve(file));
  }

  /** An array of numbers, or a column of them. */
  public static float[] vector(JsonNode array) {
    float[] vector = new float[array.size()];
    for (int i = 0; i < vector.length; i++) {
      JsonNode element = array.get(i);
      vector[i] = (float) (element.isArray() ? element.get(0) : element).doubleValue();
    }
    return vector;
  }

  /** An array of rows. */
  public static FMatrixRMaj matrix(JsonNode rows) {
    FMatrixRMaj matrix = new FMatrixRMaj(rows.size(), rows.get(0).size());
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(vector(rows.get(row)), 0, matrix.data, row * matrix.numCols, matrix.numCols);
    }
    return matrix;
  }

  private List<JsonNode> lines(String file) {
    try {
      return Files.readAllLines(directory.resolve(file)).stream().map(JSON::readTree).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
