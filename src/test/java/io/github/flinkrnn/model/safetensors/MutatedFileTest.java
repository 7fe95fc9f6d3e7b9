package io.github.flinkrnn.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged weights file gives a model or one clear refusal, whatever the damage. */
class MutatedFileTest {
  private static final int MUTATIONS = 10_000;

  @TempDir private Path directory;

  @Test
  void endsInAModelOrInOneLine() throws IOException {
    byte[] whole =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 2, 3)
            .zeros("rnn.weight_hh_l0", 2, 2)
            .zeros("fc.weight", 2, 2)
            .bytes();
    ModelDirectory model = ModelDirectory.in(directory);
    Path file = model.path("model.safetensors");
    Random random = new Random(20260917);
    int loaded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = mutate(whole, random);
      Files.write(file, mutated);
      try {
        loaded += model.load().outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        assertThat(e.getMessage()).as("mutation %d", i).startsWith(file + ": ").hasLineCount(1);
      }
    }
    // Both ends are reached: a changed weight is still a weight, a cut header is not a header.
    assertThat(loaded).isBetween(50, MUTATIONS - 500);
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
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
