package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.LookAheadStepper.Sequence;
import io.github.flinkrnn.network.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reference case in {@code src/test/resources/look-ahead}: a model with bidirectional layers, its
 * tokens, and what its framework computes for each sequence, or a reference in Python if each layer
 * looks only some tokens ahead.
 */
public final class LookAheadCase {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Path CASES = GoldenCase.resource("/look-ahead");

  private final Path directory;

  private LookAheadCase(Path directory) {
    this.directory = directory;
  }

  /** The case of a name. */
  public static LookAheadCase of(String name) {
    return new LookAheadCase(CASES.resolve(name));
  }

  /** The names of all cases whose weights file has this name, such as {@code model.onnx}. */
  public static List<String> names(String weights) throws IOException {
    try (Stream<Path> all = Files.list(CASES)) {
      return all.filter(path -> Files.exists(path.resolve("model").resolve(weights)))
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** The model of the case. */
  public RnnModel model() throws IOException {
    return RnnModel.load(directory.resolve("model"));
  }

  /** The numbers of tokens that each layer looks ahead, for which there are expectations. */
  public List<String> looks() {
    return Stream.of("0", "1", "3", "10", "end")
        .filter(look -> Files.exists(expected(look)))
        .toList();
  }

  private Path expected(String look) {
    return directory.resolve("expected-" + look + ".jsonl");
  }

  /** Compares all predictions of all sequences. */
  public void assertAgrees(String look) throws IOException {
    Map<String, List<JsonNode>> expected = byKey(expected(look));
    try (RnnModel model = model();
        LookAheadStepper ahead = stepper(model, look);
        RnnStepper heads = model.stepper()) {
      byKey(directory.resolve("tokens.jsonl"))
          .forEach(
              (key, tokens) -> {
                List<float[]> outputs = outputs(model, ahead, tokens);
                List<JsonNode> said = expected.get(key);
                assertThat(outputs).as(key).hasSize(said.size());
                for (int i = 0; i < said.size(); i++) {
                  int t = model.network().readsFinal() ? tokens.size() : i + 1;
                  assertThat(said.get(i).path("t").asInt()).isEqualTo(t);
                  assertAgrees(model, heads, outputs.get(i), said.get(i));
                }
              });
    }
  }

  /** The outputs of the top layer for a sequence of words. */
  public List<float[]> outputsOf(String look, String... words) throws IOException {
    List<JsonNode> tokens = new ArrayList<>();
    for (String word : words) {
      tokens.add(JSON.createObjectNode().put("token", word));
    }
    ((ObjectNode) tokens.get(tokens.size() - 1)).put("end", true);
    try (RnnModel model = model();
        LookAheadStepper ahead = stepper(model, look)) {
      return outputs(model, ahead, tokens);
    }
  }

  private static LookAheadStepper stepper(RnnModel model, String look) {
    int tokens = look.equals("end") ? LookAheadStepper.END : Integer.parseInt(look);
    return model.network().lookAhead(model.input() instanceof ModelInput.Words, tokens, 0);
  }

  /** The outputs of the top layer, from one token after the other. */
  private static List<float[]> outputs(
      RnnModel model, LookAheadStepper stepper, List<JsonNode> tokens) {
    List<float[]> outputs = new ArrayList<>();
    float[] kept = null;
    JsonNode before = null;
    float[] x = null;
    for (JsonNode token : tokens) {
      Sequence sequence = new Sequence(kept, null);
      if (model.input() instanceof ModelInput.Words words) {
        sequence.take(words.vocabulary().id(token.path("token").asString()), null);
      } else {
        x = vector(model.input(), token, before, x);
        sequence.take(0, x);
      }
      if (token.has("end")) {
        sequence.decideAll();
      }
      stepper.run(1, new Sequence[] {sequence});
      kept = sequence.next();
      outputs.addAll(Arrays.asList(sequence.decided()));
      before = token;
    }
    return outputs;
  }

  /** What a network takes of a token, as the decoder and the reader of a job make it. */
  private static float[] vector(
      ModelInput input, JsonNode token, JsonNode before, float[] vectorBefore) {
    if (!(input instanceof ModelInput.Fields fields)) {
      return GoldenCase.vector(token.path("features"));
    }
    float[] x = new float[fields.size()];
    InputField.Marks marks = new InputField.Marks();
    int at = 0;
    for (InputField field : fields.fields()) {
      JsonNode value = token.path(field.name());
      if (field instanceof InputField.Elapsed elapsed) {
        Long last = before == null ? null : (Long) before.path("timestamp").asLong();
        elapsed.encode(last, token.path("timestamp").asLong(), x, at, marks);
      } else if (value.isMissingNode() || value.isNull()) {
        x[at] = field.hold() && before != null ? vectorBefore[at] : Float.NaN;
      } else {
        Object given = value.isString() ? value.asString() : (Object) value.doubleValue();
        given = value.isInt() ? (Object) value.asLong() : given;
        assertThat(field.encode(given, x, at, marks)).as(field.name()).isNull();
      }
      at += field.slots();
    }
    return x;
  }

  private static void assertAgrees(
      RnnModel model, RnnStepper stepper, float[] output, JsonNode expected) {
    Network network = model.network();
    float[][] logits = new float[network.headSizes().length][];
    Arrays.setAll(logits, head -> new float[network.headSizes()[head]]);
    stepper.logits(output, logits);
    for (int h = 0; h < logits.length; h++) {
      Head head = model.heads().get(h);
      JsonNode of = expected.has("outputs") ? expected.path("outputs").path(head.name()) : expected;
      String at = expected.path("key").asString() + " t=" + expected.path("t") + head.name();
      float[] said = GoldenCase.vector(of.path("prediction"));
      float[] y = stepper.prediction(h, logits[h]);
      assertThat(y).as(at).hasSize(said.length);
      for (int i = 0; i < y.length; i++) {
        float most = GoldenCase.TOLERANCE * Math.max(1, Math.abs(said[i]));
        assertThat(Math.abs(y[i] - said[i])).as(at).isLessThanOrEqualTo(most);
      }
      assertThat(stepper.label(h, logits[h])).as(at).isEqualTo(of.path("label").asString(null));
    }
  }

  private static Map<String, List<JsonNode>> byKey(Path file) {
    Map<String, List<JsonNode>> byKey = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        JsonNode record = JSON.readTree(line);
        byKey.computeIfAbsent(record.path("key").asString(), key -> new ArrayList<>()).add(record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return byKey;
  }
}
