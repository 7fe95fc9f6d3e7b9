package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Looking up the input product of a word gives the same bits as computing it. */
class InputTableTest {
  private static final int WORDS = 21;
  private static final int UNITS = 13;

  @TempDir private Path path;

  private final Random random = new Random(9);

  private float[] weights(int... shape) {
    float[] weights = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    weights[0] = -0f;
    return weights;
  }

  private ModelDirectory model(String kind, int embedded) throws IOException {
    int rows = UNITS * (kind.equals("rnn") ? 1 : kind.equals("gru") ? 3 : 4);
    int inputs = embedded == 0 ? WORDS : embedded;
    SafeTensorsFile file = new SafeTensorsFile();
    if (embedded > 0) {
      file.f32("emb.weight", new int[] {WORDS, embedded}, weights(WORDS, embedded));
    }
    return ModelDirectory.in(path.resolve("model"))
        .vocabulary(IntStream.range(0, WORDS).mapToObj(i -> "w" + i).toArray(String[]::new))
        .safetensors(
            file.f32("rnn.weight_ih_l0", new int[] {rows, inputs}, weights(rows, inputs))
                .f32("rnn.weight_hh_l0", new int[] {rows, UNITS}, weights(rows, UNITS))
                .f32("rnn.bias_ih_l0", new int[] {rows}, weights(rows))
                .f32("rnn.bias_hh_l0", new int[] {rows}, weights(rows))
                .f32("fc.weight", new int[] {3, UNITS}, weights(3, UNITS))
                .f32("fc.bias", new int[] {3}, weights(3)));
  }

  @ParameterizedTest
  @CsvSource({"rnn, 0", "gru, 0", "lstm, 0", "rnn, 7", "gru, 7", "lstm, 7"})
  void givesTheBitsOfTheComputation(String kind, int embedded) throws IOException {
    ModelDirectory directory = model(kind, embedded);
    RnnModel looksUp = directory.load();
    RnnModel computes = directory.config("{'input': {'table_mb': 0}}").load();
    int rows = UNITS * (kind.equals("rnn") ? 1 : kind.equals("gru") ? 3 : 4);
    assertThat(looksUp.tableBytes()).isEqualTo(4L * rows * WORDS);
    assertThat(computes.tableBytes()).isZero();
    assertThat(computes.fingerprint()).isEqualTo(looksUp.fingerprint());
    RnnStepper one = looksUp.stepper();
    RnnStepper other = computes.stepper();
    float[] state = looksUp.initialState();
    for (int t = 0; t < 100; t++) {
      int word = random.nextInt(WORDS);
      float[] next = new float[state.length];
      float[] otherNext = new float[state.length];
      one.step(word, state, next);
      other.step(word, state, otherNext);
      assertThat(bits(next)).as("t=%d", t + 1).isEqualTo(bits(otherNext));
      state = next;
    }
  }

  /** A one-hot word is a column. The bits are those of the complete product. */
  @ParameterizedTest
  @CsvSource({"rnn", "gru", "lstm"})
  void aColumnHasTheBitsOfAOneHotProduct(String kind) throws IOException {
    RnnModel words = model(kind, 0).load();
    ModelDirectory directory = ModelDirectory.in(path.resolve("model"));
    RnnModel features = directory.config("{'input': {'type': 'features'}}").load();
    float[] state = words.initialState();
    for (int word = 0; word < WORDS; word++) {
      float[] next = new float[state.length];
      float[] otherNext = new float[state.length];
      float[] oneHot = new float[WORDS];
      oneHot[word] = 1;
      words.stepper().step(word, state, next);
      features.stepper().step(oneHot, state, otherNext);
      assertThat(bits(next)).as("word %d", word).isEqualTo(bits(otherNext));
      state = next;
    }
  }

  @Test
  void theBudgetIsANumberOfMegabytes() throws IOException {
    ModelDirectory directory = model("rnn", 7).config("{'input': {'table_mb': -1}}");
    assertThat(InvalidFile.message(directory::load))
        .isEqualTo(
            directory.path("config.json")
                + ": input.table_mb: expected an integer from 0 to 8000, found -1");
  }

  private static int[] bits(float[] numbers) {
    return IntStream.range(0, numbers.length)
        .map(i -> Float.floatToRawIntBits(numbers[i]))
        .toArray();
  }
}
