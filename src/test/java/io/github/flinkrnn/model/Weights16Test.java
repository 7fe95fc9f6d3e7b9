package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose files hold weights of 16 bits compute what files of floats give. */
class Weights16Test {
  private static final int HIDDEN = 66;
  private static final int INPUT = 5;

  @TempDir private Path directory;

  private final Random random = new Random(20261126);
  private final SafeTensorsFile narrow = new SafeTensorsFile();
  private final SafeTensorsFile floats = new SafeTensorsFile();

  /** Adds the same numbers to both files. */
  private void add(String name, WeightFormat format, float first, int... shape) {
    int length = shape.length == 1 ? shape[0] : shape[0] * shape[1];
    double[] rounded = new double[length];
    for (int i = 0; i < length; i++) {
      rounded[i] = format.rounded(random.nextGaussian() / 8);
    }
    rounded[0] = first;
    format.add(narrow, name, shape, rounded);
    WeightFormat.F32.add(floats, name, shape, rounded);
  }

  private void addLstm(WeightFormat format, float first, int hidden, int input) {
    add("rnn.weight_ih_l0", format, first, 4 * hidden, input);
    add("rnn.weight_hh_l0", format, -first, 4 * hidden, hidden);
    add("rnn.bias_ih_l0", format, first, 4 * hidden);
    add("rnn.bias_hh_l0", format, first, 4 * hidden);
    add("fc.weight", format, first, 3, hidden);
    add("fc.bias", format, first, 3);
  }

  private RnnModel load(SafeTensorsFile file, String name) throws IOException {
    Path model = Files.createDirectories(directory.resolve(name));
    file.write(model.resolve("model.safetensors"));
    Files.writeString(model.resolve("config.json"), "{\"input\":{\"type\":\"features\"}}");
    return RnnModel.load(model);
  }

  private static void haveTheSameBits(RnnModel narrow, RnnModel floats, int input) {
    Random random = new Random(7);
    int count = 5;
    float[][] states = new float[count][narrow.stateSize()];
    float[] single = narrow.initialState();
    float[] other = floats.initialState();
    for (int t = 0; t < 4; t++) {
      float[][] x = new float[count][input];
      for (float[] features : x) {
        for (int i = 0; i < input; i++) {
          features[i] = (float) random.nextGaussian();
        }
      }
      float[] next = new float[single.length];
      float[] expected = new float[other.length];
      narrow.stepper().step(x[0], single, next);
      floats.stepper().step(x[0], other, expected);
      assertThat(next).as("t=%d", t).containsExactly(expected);
      assertThat(narrow.stepper().logits(next)).containsExactly(floats.stepper().logits(expected));
      single = next;
      other = expected;
      float[][] together = new float[count][narrow.stateSize()];
      float[][] ofFloats = new float[count][narrow.stateSize()];
      narrow.stepper().stepEachRead(count, x, states, together);
      floats.stepper().stepEachRead(count, x, states, ofFloats);
      assertThat(together).as("t=%d", t).isDeepEqualTo(ofFloats);
      states = together;
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16, 0x1p-133", "BF16, -0.0", "F16, 0x1p-24", "F16, -0.0"})
  void aFileOf16BitsHasTheBitsOfTheSameFloats(WeightFormat format, float first) throws IOException {
    addLstm(format, first, HIDDEN, INPUT);
    try (RnnModel of16 = load(narrow, "narrow");
        RnnModel of32 = load(floats, "floats")) {
      haveTheSameBits(of16, of32, INPUT);
      assertThat(of16.version()).isEqualTo(of32.version());
    }
  }

  @Test
  void manyHalvesHaveTheBitsOfTheSameFloats() throws IOException {
    addLstm(WeightFormat.F16, 0x1p-24f, 400, INPUT);
    try (RnnModel of16 = load(narrow, "narrow");
        RnnModel of32 = load(floats, "floats")) {
      assertThat(of16.weights()).startsWith("1 of 3 matrices in 16 bits (float16), ");
      haveTheSameBits(of16, of32, INPUT);
    }
  }

  @Test
  void weightsDecideAndNotTheTypeOfTheFile() throws IOException {
    addLstm(WeightFormat.BF16, 0, HIDDEN, INPUT);
    try (RnnModel of32 = load(floats, "floats")) {
      assertThat(of32.weights()).startsWith("2 of 3 matrices in 16 bits (bfloat16), ");
    }
  }

  @Test
  void aMatrixWithAWeightThatDoesNotFitIsKeptAsFloats() throws IOException {
    addLstm(WeightFormat.F32, 0.1f, HIDDEN, INPUT);
    try (RnnModel of32 = load(floats, "floats")) {
      assertThat(of32.weights()).isEmpty();
    }
  }
}
