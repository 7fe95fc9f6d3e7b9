package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.Trials;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A damaged step graph is rejected before ONNX Runtime reads it, or is tried in another process.
 * Some of these graphs crash that process with a segmentation fault in the native library.
 */
class MutatedStepFileTest {
  private static final int MUTATIONS = 5_000;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"step-normalized-gru, 0", "step-coupled-lstm, 8"})
  void endsInAStepOrInOneLine(String name, int words) throws IOException {
    Path whole = GoldenCase.of("onnx", name).modelDirectory();
    byte[] bytes = Files.readAllBytes(whole.resolve("model.onnx"));
    StepFiles.Config config = StepFiles.Config.of(whole);
    Random random = new Random(20261124);
    int passed = 0;
    int refused = 0;
    try (Trials trials = new Trials()) {
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] mutated = Mutator.damage(bytes, random);
        StepGraph graph = read(mutated, config, words);
        if (graph == null) {
          refused++;
        } else if (trials.passes(graph)) {
          passed++;
        }
      }
      assertThat(trials.ended()).as("processes that ended").isLessThan(50);
    }
    assertThat(passed).isBetween(50, MUTATIONS - 500);
    assertThat(refused).isBetween(500, MUTATIONS - 500);
  }

  /** Null if it is rejected with a one-line error. */
  private StepGraph read(byte[] bytes, StepFiles.Config config, int words) throws IOException {
    Files.write(directory.resolve("model.onnx"), bytes);
    try {
      return StepFiles.read(ModelFiles.of(directory), bytes, config, words);
    } catch (InvalidFileException e) {
      assertThat(e.getMessage()).hasLineCount(1).contains(": ");
      return null;
    }
  }
}
