package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.json.RecordForm;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.json.TokenTimes;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.InputField.CategoryField;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The job makes the same x&lt;t&gt; as {@code jobs/fields.py}, from 10,000 records, hostile ones
 * among them. {@code src/test/python/fields_cases.py} wrote the records and the answers.
 */
class TrainingSideTest {
  private static final Path CASE = Path.of("src/test/resources/fields");

  @TempDir private Path directory;

  /**
   * A model whose hidden state is relu(x&lt;t&gt;) and relu(-x&lt;t&gt;), so that it shows
   * x&lt;t&gt; exactly. An embedding has one column, the id itself.
   */
  private Path showsX() throws IOException {
    ModelDirectory model = ModelDirectory.in(directory);
    try (Stream<Path> files = Files.list(CASE)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".txt")).toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    ObjectNode config = (ObjectNode) json(Files.readString(CASE.resolve("config.json")));
    config.put("nonlinearity", "relu");
    config.putObject("output").put("activation", "identity");
    Files.writeString(directory.resolve("config.json"), config.toString());
    int width = 0;
    SafeTensorsFile tensors = new SafeTensorsFile();
    for (JsonNode field : config.path("input").path("fields")) {
      int words = words(field);
      if (words > 0 && field.has("embedding")) {
        float[] ids = new float[words];
        IntStream.range(0, words).forEach(id -> ids[id] = id);
        tensors.f32(field.path("embedding").asString(), new int[] {words, 1}, ids);
      }
      boolean oneHot = words > 0 && !field.has("embedding");
      int numbers =
          field.path("type").asString("").equals("vector") ? field.path("size").asInt() : 1;
      int flag = field.path("missing_flag").asBoolean(false) ? 1 : 0;
      width += oneHot ? words : numbers + field.path("overlap").asInt(0) + flag;
    }
    float[] both = new float[2 * width * width];
    for (int i = 0; i < width; i++) {
      both[i * width + i] = 1;
      both[(width + i) * width + i] = -1;
    }
    model.safetensors(
        tensors
            .f32("rnn.weight_ih_l0", new int[] {2 * width, width}, both)
            .zeros("rnn.weight_hh_l0", 2 * width, 2 * width)
            .zeros("fc.weight", 1, 2 * width));
    return directory;
  }

  /** The number of categories of a field; 0 for another type. */
  private static int words(JsonNode field) throws IOException {
    if (!field.path("type").asString("").equals("category")) {
      return 0;
    }
    return field.has("size")
        ? field.path("size").asInt()
        : Files.readAllLines(CASE.resolve(field.path("vocabulary").asString())).size();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void theJobAgreesWithTheScript(int window) throws Exception {
    Path path = showsX();
    List<String> records = gunzipped("records.jsonl.gz");
    List<String> answers = gunzipped("x.jsonl.gz");
    assertThat(records).hasSize(10_000);
    int rejections = 0;
    try (RnnModel model = RnnModel.load(path);
        RnnHarness harness =
            RnnHarness.open(
                RnnFunction.of(path.toString())
                    .withFields(OutputField.HIDDEN)
                    .with(SequenceOptions.DEFAULT.withWindow(window)))) {
      TokenFields fields =
          new TokenFields(
              Map.of(), List.of(), TokenTimes.MILLIS, true, List.of(), RecordForm.PLAIN);
      TokenDecoder decoder =
          new TokenDecoder(
              TokenReader.fields(model, fields),
              TokenReader.reads(model),
              TokenDecoder.DEFAULT_MAX_BYTES);
      ModelInput.Fields input = (ModelInput.Fields) model.input();
      for (int i = 0; i < records.size(); i++) {
        Object found = outcome(harness, decoder, records.get(i), input);
        Object expected = expected(answers.get(i));
        assertThat(found).as("line %d: %s", i + 1, records.get(i)).isEqualTo(expected);
        rejections += found instanceof String ? 1 : 0;
      }
    }
    assertThat(rejections).isGreaterThan(500);
  }

  /** A line of the script: x&lt;t&gt;, or the reason of a rejection. relu(-0) is 0. */
  private static Object expected(String line) {
    JsonNode answer = json(line);
    return answer.isString()
        ? answer.asString()
        : answer.valueStream().map(number -> 0f + Float.parseFloat(number.asString())).toList();
  }

  /** What became of a record: x&lt;t&gt; with an id for each category, or the reason. */
  private static Object outcome(
      RnnHarness harness, TokenDecoder decoder, String line, ModelInput.Fields input)
      throws Exception {
    byte[] json = line.getBytes(StandardCharsets.UTF_8);
    int rejected = harness.rejected().size();
    int emitted = harness.all().size();
    try {
      harness.process(decoder.decode(new SourceRecord(null, json, json.length, null, null)));
    } catch (Rejection e) {
      return e.reason().text();
    }
    if (harness.rejected().size() > rejected) {
      return harness.rejected().get(rejected).reason().text();
    }
    float[] hidden = harness.all().get(emitted).hidden();
    List<Float> x = new ArrayList<>();
    int at = 0;
    for (int f = 0; f < input.fields().size(); f++) {
      InputField field = input.fields().get(f);
      InputPart part = input.parts().get(f);
      int first = at;
      if (field instanceof CategoryField && part.embedding() == null) {
        x.add((float) IntStream.range(0, part.width()).filter(i -> hidden[first + i] == 1).sum());
      } else {
        for (int i = 0; i < part.width(); i++) {
          x.add(hidden[at + i] - hidden[hidden.length / 2 + at + i]);
        }
      }
      at += part.width();
    }
    return x;
  }

  /** The script itself, where Python and numpy are there. */
  @Test
  void theScriptStillSaysTheSame() throws Exception {
    Process test = null;
    try {
      test =
          new ProcessBuilder("python3", "src/test/python/fields_test.py")
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("said.txt").toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, "there is no python3: jobs/fields.py is not run");
    }
    assertThat(test.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String said = Files.readString(directory.resolve("said.txt"));
    assumeTrue(
        !said.contains("No module named 'numpy'"),
        "python3 has no numpy: jobs/fields.py is not run");
    assertThat(test.exitValue()).as(said).isZero();
  }

  private static JsonNode json(String text) {
    return ConfigJson.parse("config.json", "", text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> gunzipped(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(CASE.resolve(name));
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    }
  }
}
