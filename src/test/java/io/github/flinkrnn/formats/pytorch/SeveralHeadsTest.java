package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network with one recurrence and two heads. The config chooses the head. */
class SeveralHeadsTest {
  @TempDir private Path path;

  private ModelDirectory directory;

  @BeforeEach
  void writeTwoHeads() throws IOException {
    directory =
        ModelDirectory.in(path)
            .safetensors(
                new SafeTensorsFile()
                    .zeros("rnn.weight_ih_l0", 3, 2)
                    .zeros("rnn.weight_hh_l0", 3, 3)
                    .zeros("tag.weight", 2, 3)
                    .f32("tag.bias", new int[] {2}, 1, 2)
                    .zeros("score.weight", 1, 3)
                    .f32("score.bias", new int[] {1}, 3));
  }

  @Test
  void theErrorAsksForTheHead() {
    assertThat(InvalidFile.message(directory::load))
        .endsWith(
            "expected one way to read the tensors; choose in config.json:"
                + " {output.head: tag.weight} (leaves out score.weight [1 × 3], score.bias [1]) or"
                + " {output.head: score.weight} (leaves out tag.weight [2 × 3], tag.bias [2])");
  }

  @Test
  void theConfigChoosesTheHead() throws IOException {
    RnnModel model =
        directory.config("{'output': {'head': 'score.weight', 'activation': 'identity'}}").load();
    assertThat(model.stepper().logits(model.initialState())).containsExactly(3);
    assertThat(model.parts())
        .contains(
            new Part("head 1", "score.weight [1 × 3], score.bias [1]"),
            new Part("not used", "tag.weight [2 × 3]"),
            new Part("not used", "tag.bias [2]"));
  }

  @Test
  void theHeadMustFitTheLabels() throws IOException {
    directory.config("{'output': {'head': 'score.weight', 'labels': ['a', 'b']}}");
    assertThat(InvalidFile.message(directory::load)).contains(": expected a head [2 × 3]");
  }
}
