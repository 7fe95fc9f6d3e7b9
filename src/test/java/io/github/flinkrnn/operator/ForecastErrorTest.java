package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The error of a forecast: the output field {@code error} and the rule {@code error_above}. */
class ForecastErrorTest {
  @TempDir private Path directory;

  /** The forecast is the last features, after scaling: y = a = relu(x). */
  @BeforeEach
  void writeModel() throws IOException {
    ModelDirectory.in(directory)
        .parameters("{'Waa': [[0, 0], [0, 0]], 'Wax': [[1, 0], [0, 1]], 'Wya': [[1, 0], [0, 1]]}")
        .config(
            "{'nonlinearity': 'relu', 'input': {'scale': {'mean': 0, 'std': 10}},"
                + " 'output': {'activation': 'identity', 'unscale': {'mean': 0, 'std': 10}}}");
  }

  private static final Token[] TOKENS = {
    Token.of("k", 10, 20), Token.of("k", 30, 20), Token.of("k", 30, 20), Token.of("k", 10, 60)
  };

  private List<Prediction> run(OutputOptions output, int window) throws Exception {
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(directory.toString())
            .with(output)
            .with(SequenceOptions.DEFAULT.withWindow(window));
    try (RnnHarness harness = RnnHarness.open(function)) {
      for (Token token : TOKENS) {
        harness.process(token);
      }
      return new ArrayList<>(harness.all());
    }
  }

  /** Scaled: [1, 2], then [3, 2], [3, 2] and [1, 6]. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void comparesEachTokenWithTheForecastBefore(int window) throws Exception {
    OutputOptions output =
        OutputOptions.DEFAULT.withFields(List.of(OutputField.ERROR, OutputField.PREDICTION));
    List<Prediction> predictions = run(output, window);

    assertThat(predictions).extracting(Prediction::error).containsExactly(null, 2f, 0f, 10f);
    assertThat(predictions.get(3).prediction()).containsExactly(10, 60);
  }

  @Test
  void errorAboveEmitsOnlyLargeErrors() throws Exception {
    Emit rule = Emit.above(Emit.When.ERROR_ABOVE, 2);
    assertThat(run(OutputOptions.DEFAULT.withFields(List.of()).withEmit(rule), 0))
        .extracting(Prediction::t)
        .containsExactly(4L);
  }

  @Test
  void aFeatureOutsideTheScaleIsRejected() throws Exception {
    ModelDirectory.in(directory)
        .parameters("{'Waa': [[0]], 'Wax': [[1]], 'Wya': [[1]]}")
        .config("{'input': {'scale': {'log1p': true}}, 'output': {'activation': 'identity'}}");
    try (RnnHarness harness = RnnHarness.open(RnnFunction.of(directory.toString()))) {
      harness.process(Token.of("k", -1f));
      harness.process(Token.of("k", -2f));
      assertThat(harness.all()).isEmpty();
      assertThat(harness.entries()).isZero();
    }
  }

  @Test
  void needsAsManyOutputsAsFeatures() throws IOException {
    ModelDirectory.in(directory)
        .parameters("{'Waa': [[0]], 'Wax': [[1, 0]], 'Wya': [[1]]}")
        .config("{'output': {'activation': 'identity'}}");
    RnnModel model = RnnModel.load(directory);
    OutputOptions field = OutputOptions.DEFAULT.withFields(List.of(OutputField.ERROR));
    assertThatThrownBy(() -> ModelFit.check(model, SequenceOptions.DEFAULT, field))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "output.fields: error: expected a model of features with as many outputs, found"
                + " 2 features and 1 outputs");
    OutputOptions rule = OutputOptions.DEFAULT.withEmit(Emit.above(Emit.When.ERROR_ABOVE, 0.5));
    assertThatThrownBy(() -> ModelFit.check(model, SequenceOptions.DEFAULT, rule))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("output.emit: error_above: expected a model of features");
  }
}
