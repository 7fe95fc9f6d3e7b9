package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An embedding that is also the weights of the head, as language models tie them, stored once or
 * twice.
 */
class TiedEmbeddingTest {
  private static final int[] E_SHAPE = {3, 2};
  private static final float[] E = {1, 2, 3, 4, 5, 6};
  private static final float[] BIAS = {0.5f, 0, -0.5f};

  @TempDir private Path path;

  private ModelDirectory directory;

  @BeforeEach
  void threeWords() throws IOException {
    directory =
        ModelDirectory.in(path)
            .vocabulary("a", "b", "c")
            .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}");
  }

  /** Two units whose a&lt;1&gt; is the row of the word in the embedding. */
  private static SafeTensorsFile units() {
    return new SafeTensorsFile()
        .f32("rnn.weight_ih_l0", new int[] {2, 2}, 1, 0, 0, 1)
        .zeros("rnn.weight_hh_l0", 2, 2);
  }

  private float[] logitsOfB(SafeTensorsFile tensors) throws IOException {
    RnnModel model = directory.safetensors(tensors).load();
    float[] next = new float[model.stateSize()];
    model.stepper().step(1, model.initialState(), next);
    return model.stepper().logits(next);
  }

  @Test
  void readsASingleEmbeddingAsBoth() throws IOException {
    assertThat(logitsOfB(units().f32("embedding.weight", E_SHAPE, E)))
        .containsExactly(3 + 8, 9 + 16, 15 + 24);
  }

  @Test
  void readsTheEmbeddingWithTheBiasOfTheHead() throws IOException {
    SafeTensorsFile tensors =
        units().f32("embedding.weight", E_SHAPE, E).f32("fc.bias", new int[] {3}, BIAS);
    assertThat(logitsOfB(tensors)).containsExactly(11.5f, 25, 38.5f);
    assertThat(directory.load().parts())
        .extracting(part -> part.name() + " " + part.source())
        .endsWith(
            "embedding embedding.weight [3 × 2]", "head 1 embedding.weight [3 × 2], fc.bias [3]");
  }

  @Test
  void readsBothWithABias() throws IOException {
    SafeTensorsFile tensors =
        units()
            .f32("embedding.weight", E_SHAPE, E)
            .f32("fc.weight", E_SHAPE, E)
            .f32("fc.bias", new int[] {3}, BIAS);
    assertThat(logitsOfB(tensors)).containsExactly(11.5f, 25, 38.5f);
  }

  // The network is the same whichever of the two is the embedding, so nothing is ambiguous.
  @Test
  void readsBothWithoutABias() throws IOException {
    SafeTensorsFile tensors =
        units().f32("embedding.weight", E_SHAPE, E).f32("fc.weight", E_SHAPE, E);
    assertThat(logitsOfB(tensors)).containsExactly(11, 25, 39);
  }

  @Test
  void asksIfTheTwoDiffer() throws IOException {
    directory.safetensors(
        units().f32("embedding.weight", E_SHAPE, E).f32("fc.weight", E_SHAPE, 1, 2, 3, 4, 5, 6.5f));
    assertThat(InvalidFile.message(directory::load))
        .isEqualTo(
            directory.path("model.safetensors")
                + ": expected one way to read the tensors; choose in config.json:"
                + " {input.embedding: embedding.weight, output.head: fc.weight} or"
                + " {input.embedding: fc.weight, output.head: embedding.weight}");
  }

  @Test
  void needsAnEmbeddingAsWideAsTheUnits() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 4, 2)
            .zeros("rnn.weight_hh_l0", 4, 4)
            .f32("embedding.weight", E_SHAPE, E);
    directory.safetensors(tensors);
    assertThat(InvalidFile.message(directory::load))
        .isEqualTo(
            directory.path("model.safetensors")
                + ": expected a head [outputs × 4] with or without a bias [outputs] and an embedding"
                + " [3 × 2] (the vocabulary has 3 words), found embedding.weight [3 × 2]");
  }

  @Test
  void rejectsABiasOfAnotherLength() throws IOException {
    directory.safetensors(units().f32("embedding.weight", E_SHAPE, E).zeros("fc.bias", 2));
    assertThat(InvalidFile.message(directory::load))
        .startsWith(directory.path("model.safetensors") + ": expected a head")
        .endsWith(", found embedding.weight [3 × 2], fc.bias [2]");
  }
}
