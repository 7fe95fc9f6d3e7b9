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

/**
 * If the shapes are ambiguous, nothing is guessed: the error asks the user, and config.json
 * decides.
 */
class AmbiguousStateDictTest {
  private static final int[] SQUARE = {2, 2};

  @TempDir private Path path;

  private ModelDirectory directory;

  // 2 words, 2 inputs, 2 units: the embedding and the head, both without a bias, have the same
  // shape.
  @BeforeEach
  void embeddingAndHeadOfTheSameShape() throws IOException {
    directory =
        ModelDirectory.in(path)
            .vocabulary("a", "b")
            .safetensors(
                new SafeTensorsFile()
                    .f32("rnn.weight_ih_l0", SQUARE, 1, 0, 0, 1)
                    .zeros("rnn.weight_hh_l0", SQUARE)
                    .f32("first.weight", SQUARE, 1, 2, 3, 4)
                    .f32("second.weight", SQUARE, 10, 20, 30, 40));
  }

  // a<1> = relu(E[word]), so the logits show which of the two was read as the embedding.
  private static float[] logitsOfB(ModelDirectory directory) throws IOException {
    RnnModel model = directory.load();
    float[] next = model.initialState();
    model.stepper().step(1, model.initialState(), next);
    return model.stepper().logits(next);
  }

  private String rejected() {
    return InvalidFile.message(directory::load);
  }

  @Test
  void listsBothReadingsWithTheFieldsThatDecide() {
    assertThat(rejected())
        .isEqualTo(
            directory.path("model.safetensors")
                + ": expected one way to read the tensors; choose in config.json:"
                + " {input.embedding: first.weight, output.head: second.weight} or"
                + " {input.embedding: second.weight, output.head: first.weight}");
  }

  @Test
  void embeddingInTheConfigDecides() throws IOException {
    directory.config("{'nonlinearity': 'relu', 'input': {'embedding': 'first.weight'}}");
    assertThat(logitsOfB(directory)).containsExactly(10 * 3 + 20 * 4, 30 * 3 + 40 * 4);
    directory.config("{'nonlinearity': 'relu', 'input': {'embedding': 'second.weight'}}");
    assertThat(logitsOfB(directory)).containsExactly(30 + 2 * 40, 3 * 30 + 4 * 40);
  }

  @Test
  void headInTheConfigDecides() throws IOException {
    directory.config("{'nonlinearity': 'relu', 'output': {'head': 'second.weight'}}");
    assertThat(logitsOfB(directory)).containsExactly(10 * 3 + 20 * 4, 30 * 3 + 40 * 4);
    directory.config("{'nonlinearity': 'relu', 'output': {'head': 'first.weight'}}");
    assertThat(logitsOfB(directory)).containsExactly(30 + 2 * 40, 3 * 30 + 4 * 40);
  }

  @Test
  void rejectsTheNameOfAMissingTensor() throws IOException {
    String file = directory.path("model.safetensors").toString();
    directory.config("{'output': {'head': 'frist.weight'}}");
    assertThat(rejected())
        .isEqualTo(
            file
                + ": tensor 'frist.weight': expected one of first.weight, second.weight for output.head"
                + " in config.json (did you mean first.weight?)");
    directory.config("{'input': {'embedding': 'rnn.weight_hh_l0'}}");
    assertThat(rejected())
        .startsWith(file + ": tensor 'rnn.weight_hh_l0': expected one of ")
        .contains(" for input.embedding in config.json");
  }

  // The tensor that output.head does not name is unused, and listed.
  @Test
  void oneTensorForBothLeavesTheOtherUnused() throws IOException {
    directory.config(
        "{'nonlinearity': 'relu', 'input': {'embedding': 'first.weight'},"
            + " 'output': {'head': 'first.weight'}}");
    assertThat(logitsOfB(directory)).containsExactly(3 + 2 * 4, 3 * 3 + 4 * 4);
    assertThat(directory.load().parts())
        .endsWith(
            new Part("embedding", "first.weight [2 × 2]"),
            new Part("head 1", "first.weight [2 × 2], no bias"),
            new Part("not used", "second.weight [2 × 2]"));
  }

  // A bias decides, because an embedding has none.
  @Test
  void aBiasIdentifiesTheHead() throws IOException {
    directory
        .config("{'nonlinearity': 'relu'}")
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", SQUARE, 1, 0, 0, 1)
                .zeros("rnn.weight_hh_l0", SQUARE)
                .f32("first.weight", SQUARE, 1, 2, 3, 4)
                .f32("second.weight", SQUARE, 10, 20, 30, 40)
                .f32("first.bias", new int[] {2}, 0.5f, 0.25f));
    assertThat(logitsOfB(directory)).containsExactly(30 + 2 * 40 + 0.5f, 3 * 30 + 4 * 40 + 0.25f);
  }
}
