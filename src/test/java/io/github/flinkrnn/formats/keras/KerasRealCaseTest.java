package io.github.flinkrnn.formats.keras;

import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model computes what Keras 3.15 computes: files that it saved ({@code
 * src/test/python/keras_real_cases.py}), and files in the layouts of Keras 2 ({@code
 * src/test/python/keras_layout_cases.py}). The window is the sequence length that the file fixes.
 */
class KerasRealCaseTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @ParameterizedTest
  @CsvSource({
    "keras-real, two-lstm, 0",
    "keras-real, two-lstm-h5, 0",
    "keras-real, gru-before, 0",
    "keras-real, gru-before-h5, 0",
    "keras-real, batch-norms, 0",
    "keras-real, batch-norms-h5, 0",
    "keras-real, dense-around, 0",
    "keras-real, dense-around-keras, 0",
    "keras-real, layer-norm, 0",
    "keras-real, layer-norm-h5, 0",
    "keras-real, idle-gelu-relu, 0",
    "keras-real, convolution, 0",
    "keras-real, time-distributed-h5, 0",
    "keras-real, words, 0",
    "keras-real, last-step-h5, 0",
    "keras-real, window-of-5, 5",
    "keras-real, scales, 0",
    "keras-real, rectifiers-h5, 0",
    "keras-real, activations, 0",
    "keras-real, cells, 0",
    "keras-real, cells-h5, 0",
    "keras-real, ends-in-a-cell, 0",
    "keras-real, masking, 0",
    "keras-real, masking-h5, 0",
    "keras-real, mask-zero, 0",
    "keras-real, nested, 0",
    "keras-real, nested-h5, 0",
    "keras-real, weights-and-architecture, 0",
    "keras-real, residual, 0",
    "keras-real, residual-h5, 0",
    "keras-real, heads, 0",
    "keras-real, heads-h5, 0",
    "keras-real, heads-of-two-cells, 0",
    "keras-real, shared-layers, 0",
    "keras-real, time-distributed-model, 0",
    "keras-real, time-distributed-model-h5, 0",
    "keras-layouts, list-of-layers, 6",
    "keras-layouts, functional, 0",
    "keras-layouts, windows, 6",
    "keras-layouts, nested, 6",
    "keras-layouts, weights-alone, 0"
  })
  void agreesWithKeras(String folder, String name, int window) throws IOException {
    GoldenCase golden = GoldenCase.of(folder, name);
    Path directory = golden.modelDirectory().getParent();
    List<String> tokens = Files.readAllLines(directory.resolve("tokens.jsonl"));
    List<String> expected = Files.readAllLines(directory.resolve("expected.jsonl"));
    assertThat(tokens).hasSameSizeAs(expected).hasSizeGreaterThan(4);
    try (RnnModel model = golden.model();
        RnnStepper stepper = model.stepper()) {
      assertThat(model.fixedSteps()).isEqualTo(window);
      float[] state = model.initialState();
      int compared = 0;
      for (int t = 0; t < tokens.size(); t++) {
        state = step(model, stepper, JSON.readTree(tokens.get(t)), state);
        compared += compare(model, stepper, state, JSON.readTree(expected.get(t)), t + 1);
      }
      assertThat(compared)
          .isEqualTo((window == 5 ? 1 : tokens.size()) * Math.max(1, model.headNames().size()));
    }
  }

  private static float[] step(RnnModel model, RnnStepper stepper, JsonNode token, float[] state) {
    float[] next = new float[model.stateSize()];
    if (model.input() instanceof ModelInput.Words words) {
      stepper.step(words.vocabulary().id(token.get("token").stringValue()), state, next);
    } else {
      stepper.step(GoldenCase.vector(token.get("features")), state, next);
    }
    return next;
  }

  /** How many heads have an expected prediction. */
  private static int compare(
      RnnModel model, RnnStepper stepper, float[] state, JsonNode expected, int t) {
    float[][] logits =
        model.heads().stream().map(head -> new float[head.size()]).toArray(float[][]::new);
    stepper.logits(state, logits);
    int compared = 0;
    for (int h = 0; h < logits.length; h++) {
      JsonNode said =
          model.headNames().isEmpty()
              ? expected.get("prediction")
              : expected.get("outputs").get(model.headNames().get(h)).get("prediction");
      if (said.isNull()) {
        continue;
      }
      float[] y = stepper.prediction(h, logits[h]);
      assertThat(y).hasSize(said.size());
      for (int i = 0; i < y.length; i++) {
        double of = said.get(i).doubleValue();
        assertThat(Math.abs(y[i] - of) / Math.max(1, Math.abs(of)))
            .as("t=%d, head %d, output %d: %s for %s", t, h, i, y[i], of)
            .isLessThanOrEqualTo(TOLERANCE);
      }
      compared++;
    }
    return compared;
  }

  private static KerasFiles heads(String config) throws IOException {
    GoldenCase golden = GoldenCase.of("keras-real", "heads");
    KerasFiles files = new KerasFiles().with("config.json", config);
    for (String name : List.of("model.keras", "vocab.txt")) {
      files.with(name, Files.readAllBytes(golden.modelDirectory().resolve(name)));
    }
    return files;
  }

  private static String rejected(KerasFiles files) {
    return catchThrowableOfType(InvalidFileException.class, files::load).getMessage();
  }

  @Test
  void theOutputsOfAFunctionalModelAreItsHeads() throws IOException {
    RnnModel model = heads("{}").load();
    assertThat(model.headNames()).containsExactly("next", "remaining");
    assertThat(model.describe()).contains("2 heads (next 7, remaining 1)");
    assertThat(model.activationName(0)).isEqualTo("softmax (in the graph)");
    assertThat(model.activationName(1)).isEqualTo("identity");
    // The other head takes the softmax too, so that the network computes it.
    assertThat(model.heads().get(0).isActivated()).isTrue();
  }

  @Test
  void outputsChoosesHeadsByName() throws IOException {
    RnnModel model =
        heads(
                "{'outputs': [{'name': 'remaining', 'unscale': {'mean': 3, 'std': 2}}, {'name':"
                    + " 'next', 'labels': ['a', 'b', 'c', 'd', 'e', 'f', 'g']}]}")
            .load();
    assertThat(model.headNames()).containsExactly("remaining", "next");
    assertThat(model.heads().get(1).labels()).hasSize(7);
    RnnModel one = heads("{'outputs': [{'name': 'next'}]}").load();
    assertThat(one.headNames()).containsExactly("next");
    assertThat(one.parts())
        .filteredOn(part -> part.name().equals("not used"))
        .extracting(part -> part.source())
        .containsExactly(
            "head 3: layers/dense_2/vars/0 [10 × 1], layers/dense_2/vars/1 [1], then linear");
  }

  @Test
  void rejectsOtherHeads() throws IOException {
    assertThat(rejected(heads("{'outputs': [{'name': 'nxt'}]}")))
        .isEqualTo(
            "m/config.json: outputs[0].name: expected an output of m/model.keras (next, remaining),"
                + " found 'nxt' (did you mean next?)");
    assertThat(rejected(heads("{'outputs': [{'name': 'next', 'layers': ['fc']}]}")))
        .isEqualTo(
            "m/config.json: outputs[0].layers: expected only for a state_dict, found the weights in"
                + " model.keras");
    assertThat(rejected(heads("{'output': {'labels': ['a']}}")))
        .isEqualTo(
            "m/config.json: output.labels: expected in outputs, because m/model.keras has several"
                + " heads: next, remaining");
    assertThat(rejected(heads("{'output': {'unscale': {'mean': 1, 'std': 2}}}")))
        .isEqualTo(
            "m/config.json: output.unscale: expected in outputs, because m/model.keras has several"
                + " heads: next, remaining");
    assertThat(rejected(heads("{'outputs': [{'name': 'next', 'activation': 'sigmoid'}]}")))
        .isEqualTo(
            "m/config.json: outputs[0].activation: expected softmax (applied once) or no such field,"
                + " because m/model.keras ends in softmax, found sigmoid");
  }

  @Test
  void describesScales() throws IOException {
    assertThat(GoldenCase.of("keras-real", "scales").model().parts())
        .extracting(part -> part.name() + ": " + part.source())
        .contains(
            "scale: x · [20.0, 0.1] + [1000.0, -3.0]",
            "scale: layers/normalization/vars/0 [2], layers/normalization/vars/1 [2], (x - mean) /"
                + " deviation",
            "scale: x · deviation + mean",
            "scale: (x - mean) / deviation");
  }
}
