package io.github.flinkrnn.model;

import static io.github.flinkrnn.model.GoldenCase.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks of other sizes, inputs and formats than those of the reference cases agree with the
 * oracle.
 */
class NetworkSizesTest {
  private static final int STEPS = 40;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "features,  1,   1,   1, 1,  true,  tanh, F32,  identity",
    "features,  1,   1,   1, 1,  false, relu, F64,  sigmoid",
    "features,  3,   13,  1, 2,  true,  tanh, F64,  softmax",
    "features,  13,  13,  2, 13, true,  relu, F32,  softmax",
    "features,  7,   65,  1, 5,  false, tanh, BF16, sigmoid",
    "features,  65,  64,  3, 4,  true,  tanh, F16,  identity",
    "features,  40,  300, 1, 9,  true,  tanh, F32,  softmax",
    "features,  300, 300, 2, 17, true,  relu, F64,  softmax",
    "features,  5,   21,  4, 3,  true,  tanh, F32,  identity",
    "features,  5,   21,  4, 3,  false, relu, F16,  softmax",
    "embedding, 6,   13,  1, 3,  true,  tanh, F32,  softmax",
    "embedding, 9,   65,  2, 3,  false, relu, BF16, identity",
    "embedding, 1,   33,  4, 2,  true,  tanh, F64,  sigmoid",
    "one-hot,   17,  13,  1, 4,  true,  tanh, F32,  softmax",
    "one-hot,   17,  29,  4, 4,  false, relu, F16,  sigmoid",
    "one-hot,   1,   5,   1, 2,  true,  tanh, BF16, softmax"
  })
  void agreesWithDoublePrecision(
      String input,
      int nX,
      int nA,
      int layers,
      int nY,
      boolean bias,
      String g,
      WeightFormat format,
      String activation)
      throws IOException {
    int words = input.equals("embedding") ? 23 : input.equals("one-hot") ? nX : 0;
    RandomNetwork.Sizes sizes =
        new RandomNetwork.Sizes(input.equals("embedding") ? words : 0, nX, nA, layers, nY, bias);
    RandomNetwork network = new RandomNetwork(sizes, format, 41);
    ModelDirectory files =
        ModelDirectory.in(directory)
            .safetensors(network.file())
            .config(
                String.format(
                    "{'nonlinearity': '%s', 'output': {'activation': '%s'}}", g, activation));
    if (words > 0) {
      files.vocabulary(IntStream.range(0, words).mapToObj(i -> "w" + i).toArray(String[]::new));
    }
    RnnModel model = files.load();
    assertThat(model.stateSize()).isEqualTo(layers * nA);
    assertThat(model.hiddenSize()).isEqualTo(nA);
    assertThat(model.outputSize()).isEqualTo(nY);
    assertThat(model.input().size()).isEqualTo(nX);

    RnnStepper stepper = model.stepper();
    float[] state = model.initialState();
    double[][] h = new double[layers][nA];
    Random random = new Random(43);
    for (int t = 1; t <= STEPS; t++) {
      float[] next = new float[model.stateSize()];
      if (words > 0) {
        int word = random.nextInt(words);
        stepper.step(word, state, next);
        network.step(g.equals("relu"), x(input, network, nX, word), h);
      } else {
        float[] features = new float[nX];
        for (int i = 0; i < nX; i++) {
          features[i] = (float) random.nextGaussian();
        }
        stepper.step(features, state, next);
        network.step(
            g.equals("relu"), IntStream.range(0, nX).mapToDouble(i -> features[i]).toArray(), h);
      }
      state = next;

      double[] whole = Arrays.stream(h).flatMapToDouble(Arrays::stream).toArray();
      assertThat(state).as("t=%d", t).containsExactly(floats(whole), within(TOLERANCE));
      assertThat(stepper.hidden(state))
          .as("t=%d", t)
          .containsExactly(floats(h[layers - 1]), within(TOLERANCE));
      double[] z = network.logits(h[layers - 1]);
      float[] logits = stepper.logits(state);
      assertThat(logits).as("t=%d", t).containsExactly(floats(z), within(TOLERANCE));
      assertThat(stepper.prediction(logits))
          .as("t=%d", t)
          .containsExactly(floats(y(activation, z)), within(TOLERANCE));
    }
  }

  private static double[] x(String input, RandomNetwork network, int nX, int word) {
    if (input.equals("embedding")) {
      return network.embedding(word);
    }
    double[] oneHot = new double[nX];
    oneHot[word] = 1;
    return oneHot;
  }

  private static double[] y(String activation, double[] z) {
    double sum = Arrays.stream(z).map(Math::exp).sum();
    return switch (activation) {
      case "softmax" -> Arrays.stream(z).map(zi -> Math.exp(zi) / sum).toArray();
      case "sigmoid" -> Arrays.stream(z).map(zi -> 1 / (1 + Math.exp(-zi))).toArray();
      default -> z;
    };
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
