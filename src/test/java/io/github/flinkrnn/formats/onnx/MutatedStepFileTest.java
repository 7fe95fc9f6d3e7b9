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
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A damaged step graph is rejected before ONNX Runtime reads it, or is tried in another process.
 * Some of these graphs crash that process with a segmentation fault in the native library.
 */
class MutatedStepFileTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "onnx, step-normalized-gru, 0, 5000",
    "onnx, step-coupled-lstm, 8, 5000",
    "onnx-steps, decay, 0, 1500",
    "onnx-steps, all-types, 0, 1500",
    "onnx-steps, vad-16k, 0, 1500",
    "onnx-steps, previous-word, 5, 1500"
  })
  void endsInAStepOrInOneLine(String folder, String name, int words, int mutations)
      throws IOException {
    Path whole = GoldenCase.of(folder, name).modelDirectory();
    try (Stream<Path> files = Files.list(whole)) {
      for (Path file : files.toList()) { // some have external data
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    byte[] bytes = Files.readAllBytes(whole.resolve("model.onnx"));
    StepFiles.Config config = StepFiles.Config.of(whole);
    Random random = new Random(20261124);
    int passed = 0;
    int refused = 0;
    try (Trials trials = new Trials()) {
      for (int i = 0; i < mutations; i++) {
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
    assertThat(passed).isBetween(20, mutations - 250);
    assertThat(refused).isBetween(250, mutations - 50);
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
