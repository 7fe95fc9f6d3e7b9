package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.network.Scale;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code input.scale} and {@code output.unscale}. {@code PyTorchCasesTest} has more numbers. */
class ScaleTest {
  @TempDir private Path path;
  private ModelDirectory directory;

  /** a = relu(x), y = a, of two features. */
  @BeforeEach
  void writeModel() throws IOException {
    directory =
        ModelDirectory.in(path)
            .parameters(
                "{'Waa': [[0, 0], [0, 0]], 'Wax': [[1, 0], [0, 1]], 'Wya': [[1, 0], [0, 1]]}");
  }

  private RnnModel model(String input, String output) throws IOException {
    String activation = "'activation': 'identity'" + output;
    return directory
        .config(
            "{'nonlinearity': 'relu', 'input': {" + input + "}, 'output': {" + activation + "}}")
        .load();
  }

  private static float[] prediction(RnnModel model, float... x) {
    float[] next = new float[model.stateSize()];
    try (RnnStepper stepper = model.stepper()) {
      stepper.step(x, model.initialState(), next);
      return stepper.prediction(stepper.logits(next));
    }
  }

  @Test
  void scalesFeaturesAndTurnsOutputsBack() throws IOException {
    assertThat(prediction(model("'scale': {'mean': [1, 10], 'std': [2, 5]}", ""), 5, 11))
        .containsExactly(2, 0.2f);
    assertThat(prediction(model("'scale': {'min': 1, 'max': [3, 5]}", ""), 2, 4))
        .containsExactly(0.5f, 0.75f);
    assertThat(prediction(model("'scale': {'log1p': true}", ""), 0, (float) Math.expm1(1.5)))
        .containsExactly(0, 1.5f);
    assertThat(prediction(model("'scale': {'clip': [0.5, 2]}", ""), 0, 3)).containsExactly(0.5f, 2);
    assertThat(prediction(model("", ", 'unscale': {'mean': [1, 2], 'std': 10}"), 3, 4))
        .containsExactly(31, 42);
  }

  /** y of the step before is compared with the scaled x of this one. */
  @Test
  void theErrorIsInScaledNumbers() throws IOException {
    String scale = "'scale': {'mean': 10, 'std': 2}";
    RnnModel model = model(scale, ", 'unscale': {'mean': 10, 'std': 2}");
    try (RnnStepper stepper = model.stepper()) {
      // y = [1, 2], and x = [3, 0] after scaling.
      assertThat(stepper.error(new float[] {1, 2}, new float[] {16, 10})).isEqualTo(4);
    }
  }

  @Test
  void theStateDependsOnTheScale() throws IOException {
    long plain = model("", "").fingerprint();
    long scaled = model("'scale': {'mean': 1, 'std': 2}", "").fingerprint();
    assertThat(scaled).isNotEqualTo(plain);
    assertThat(model("'scale': {'mean': 1, 'std': 2.5}", "").fingerprint()).isNotEqualTo(scaled);
    assertThat(model("", ", 'unscale': {'mean': 1, 'std': 2}").fingerprint()).isEqualTo(plain);
  }

  @Test
  void aNumberOutsideTheLogarithmIsNotANumber() {
    Scale scale = new Scale(true, new double[] {0}, new double[] {1}, -3, 3);
    assertThat(scale.apply(-2, 0)).isNaN();
    assertThat(scale.apply(-1, 0)).isEqualTo(-3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'scale': {'mean': 1}||input.scale.std: missing: expected with mean",
        "'scale': {'max': 1}||input.scale.min: missing: expected with max",
        "'scale': {'mean': [1, 2, 3], 'std': 1}||input.scale.mean: expected one number or an array"
            + " of 2, found 3",
        "'scale': {'mean': [1, 2], 'std': [1, 0]}||input.scale.std: expected numbers above 0, found"
            + " 0.0 at index 1",
        "'scale': {'mean': [1, 2], 'std': [1, 2, 3]}||input.scale.std: expected as many numbers as"
            + " mean, 2, found 3",
        "'scale': {'min': 2, 'max': 2}||input.scale.max: expected a range (max - min) above 0, found"
            + " 0.0",
        "'scale': {'mean': 1, 'std': 1, 'min': 0, 'max': 1}||input.scale.min: expected only without"
            + " mean",
        "'scale': {'clip': [2, 1]}||input.scale.clip: expected two numbers, the smaller first",
        "'scale': {}||input.scale: expected log1p, mean and std, min and max, or clip, found none",
        "'scale': {'mean': 'x', 'std': 1}||input.scale.mean: expected a finite number, found 'x'",
        "'scale': {'mean': [1, null], 'std': 1}||input.scale.mean[1]: expected a finite number, found"
            + " null",
        "'scale': {'means': 1}||input.scale.means: unknown field (did you mean mean?); expected"
            + " log1p, mean, std, min, max, clip",
        "|, 'unscale': {'std': 1}|output.unscale.mean: missing: expected a value",
        "|, 'unscale': {'mean': [1, 2, 3], 'std': 1}|output.unscale.mean: expected one number or an"
            + " array of 2, found 3",
        "|, 'unscale': {'mean': 0, 'std': 0}|output.unscale.std: expected numbers above 0, found"
            + " 0.0",
      })
  void aMistakeIsOneLine(String input, String output, String message) {
    assertThat(
            InvalidFile.message(
                () -> model(input == null ? "" : input, output == null ? "" : output)))
        .isEqualTo(directory.path("config.json") + ": " + message);
  }

  /** JSON has larger numbers than a double. */
  @Test
  void aNumberBeyondADoubleIsOneLine() {
    String huge = "1" + "0".repeat(310);
    assertThat(InvalidFile.message(() -> model("'scale': {'mean': " + huge + ", 'std': 1}", "")))
        .contains("input.scale.mean: expected a finite number, found 1000");
  }

  @Test
  void unscaleNeedsOutputsWithoutAnActivation() {
    assertThat(
            InvalidFile.message(
                () -> directory.config("{'output': {'unscale': {'mean': 0, 'std': 1}}}").load()))
        .endsWith("output.unscale: expected only with activation identity, found softmax");
  }

  @Test
  void wordsHaveNoScale() throws IOException {
    directory.vocabulary("a", "b");
    assertThat(InvalidFile.message(() -> model("'scale': {'mean': 0, 'std': 1}", "")))
        .endsWith("input.scale: expected only for features, found a model of words");
  }
}
