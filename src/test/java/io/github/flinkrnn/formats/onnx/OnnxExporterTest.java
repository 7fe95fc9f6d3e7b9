package io.github.flinkrnn.formats.onnx;

import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Graphs as the exporters of PyTorch write them give its values at every step
 * (src/test/python/onnx_exporter_cases.py).
 */
class OnnxExporterTest {
  private static Path folder() throws IOException {
    try {
      return Path.of(OnnxExporterTest.class.getResource("/onnx-exporters").toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  static List<String> names() throws IOException {
    try (Stream<Path> cases = Files.list(folder())) {
      return cases.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theCasesAreThere() throws IOException {
    assertThat(names()).hasSize(48);
    assertThat(names()).filteredOn(name -> name.startsWith("dynamo-")).hasSize(36);
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAtEveryStep(String name) throws IOException {
    Path directory = folder().resolve(name);
    JsonNode steps = JsonMapper.shared().readTree(directory.resolve("steps.json"));
    try (RnnModel model = RnnModel.load(directory);
        RnnStepper stepper = model.stepper()) {
      float[] state = model.initialState();
      for (int t = 0; t < steps.get("x").size(); t++) {
        float[] next = new float[model.stateSize()];
        JsonNode x = steps.get("x").get(t);
        if (model.input() instanceof ModelInput.Words words) {
          stepper.step(words.vocabulary().id("w" + x.intValue()), state, next);
        } else {
          stepper.step(GoldenCase.vector(x), state, next);
        }
        state = next;
        float[] expected = GoldenCase.vector(steps.get("y").get(t));
        float[] prediction = stepper.prediction(stepper.logits(state));
        assertThat(prediction).as("t=%d", t + 1).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
          float tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
          assertThat(prediction[i])
              .as("t=%d, y[%d]", t + 1, i)
              .isBetween(expected[i] - tolerance, expected[i] + tolerance);
        }
      }
      assertThat(steps.get("x")).hasSize(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dynamo-lstm-2-last-batch | lstm, 2 layers of 4, 3 features, 2 outputs",
        "dynamo-rnn-1-all-both | rnn (tanh), one layer of 4, 3 features, 2 outputs",
        "layers-norms-legacy9 | 2 layers of 4, 3 features, 1 output",
        "layers-words-legacy17 | lstm, 2 layers of 4, 7 words, embedded in 3, 2 outputs"
      })
  void describesThem(String name, String description) throws IOException {
    try (RnnModel model = RnnModel.load(folder().resolve(name))) {
      assertThat(model.describe()).contains(description);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dynamo-lstm-1-all-none, 4",
    "dynamo-lstm-1-all-batch, 4",
    "dynamo-rnn-2-last-batch, 4",
    "dynamo-rnn-1-all-both, 4",
    "layers-words-legacy17, 0"
  })
  void knowsTheStepsThatTheGraphFixes(String name, int steps) throws IOException {
    try (RnnModel model = RnnModel.load(folder().resolve(name))) {
      assertThat(model.fixedSteps()).isEqualTo(steps);
    }
  }
}
