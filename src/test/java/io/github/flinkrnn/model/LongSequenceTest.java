package io.github.flinkrnn.model;

import static io.github.flinkrnn.model.GatedNetworkSizesTest.doubles;
import static io.github.flinkrnn.model.GatedNetworkSizesTest.floats;
import static io.github.flinkrnn.model.GatedNetworkSizesTest.gaussian;
import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** After 1,500 steps, a state still agrees with double precision. */
class LongSequenceTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "gru,  65, 0,  4, F32",
    "gru,  33, 0,  2, BF16",
    "lstm, 65, 0,  4, F32",
    "lstm, 65, 20, 2, F16"
  })
  void staysWithTheDocumentedEquations(
      String type, int n, int projection, int layers, WeightFormat format) throws IOException {
    GatedNetwork.Sizes sizes = new GatedNetwork.Sizes(type, 100, n, projection, layers, 4, true);
    GatedNetwork network = new GatedNetwork(sizes, format, 1, 67);
    RnnModel model = ModelDirectory.in(directory).safetensors(network.file()).load();
    RnnStepper stepper = model.stepper();
    float[] state = model.initialState();
    double[] expected = new double[sizes.stateSize()];
    Random random = new Random(71);
    for (int t = 1; t <= 1500; t++) {
      float[] x = gaussian(random, 100);
      float[] next = new float[model.stateSize()];
      stepper.step(x, state, next);
      state = next;
      expected = network.step(doubles(x), expected);
      assertThat(state).as("t=%d", t).containsExactly(floats(expected), within(TOLERANCE));
      assertThat(stepper.logits(state))
          .as("t=%d", t)
          .containsExactly(floats(network.logits(expected)), within(TOLERANCE));
    }
  }
}
