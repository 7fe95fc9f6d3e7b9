package io.github.flinkrnn.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged graph gives a model or one clear refusal, whatever the damage. */
class MutatedOnnxFileTest {
  private static final int MUTATIONS = 2_500;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"rnn-tanh", "gru-learned-state", "lstm-2-layers", "rnn-sigmoid-layout-1-double"})
  void endsInAModelOrInOneLine(String name) throws IOException {
    byte[] whole =
        Files.readAllBytes(GoldenCase.of("onnx", name).modelDirectory().resolve("model.onnx"));
    ModelDirectory model = ModelDirectory.in(directory);
    Path file = model.path("model.onnx");
    Random random = new Random(20261123);
    int loaded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      Files.write(file, mutate(whole, random));
      try {
        loaded += model.load().outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        assertThat(e.getMessage()).as("mutation %d", i).startsWith(file + ": ").hasLineCount(1);
      }
    }
    // Both ends are reached: a changed weight is still a weight, a changed name leads nowhere.
    assertThat(loaded).isBetween(50, MUTATIONS - 500);
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 3, 4 -> bytes[at] = (byte) random.nextInt(256);
        case 5 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 6 -> {
          int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
          System.arraycopy(whole, random.nextInt(whole.length - 40), bytes, at, end - at);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          longer[at] = (byte) random.nextInt(256);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
