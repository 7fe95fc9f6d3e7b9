package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged weights file gives a model or a one-line error, whatever the damage. */
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
      byte[] mutated = Mutator.damage(whole, random);
      Files.write(file, mutated);
      try {
        loaded += model.load().outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        assertThat(e.getMessage()).as("mutation %d", i).startsWith(file + ": ").hasLineCount(1);
      }
    }
    // Both outcomes occur: a changed weight is still a weight, but a truncated header is not a
    // header.
    assertThat(loaded).isBetween(50, MUTATIONS - 500);
  }
}
