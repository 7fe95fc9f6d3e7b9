package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged graph gives a model or a one-line error, whatever the damage. */
class MutatedOnnxFileTest {
  private static final int MUTATIONS = 2_500;
  private static final String FILE = "model.onnx";

  @ParameterizedTest
  @ValueSource(
      strings = {"rnn-tanh", "gru-learned-state", "lstm-words", "rnn-sigmoid-layout-1-double"})
  void endsInAModelOrInOneLine(String name) throws IOException {
    ModelFiles whole = ModelFiles.of(GoldenCase.of("onnx", name).modelDirectory());
    byte[] bytes = whole.read(FILE, 1 << 20);
    Random random = new Random(20261123);
    int loaded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = Mutator.damage(bytes, random);
      try {
        loaded += RnnModel.load(with(mutated, whole)).outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        // A changed size of the embedding or of the outputs does not match config.json.
        assertThat(e.getMessage())
            .as("mutation %d", i)
            .startsWith(whole.location() + "/")
            .hasLineCount(1);
      }
    }
    // Both outcomes occur: a changed weight is still a weight, but a changed name is invalid.
    assertThat(loaded).isBetween(50, MUTATIONS - 500);
  }

  private static ModelFiles with(byte[] onnx, ModelFiles others) {
    return new ModelFiles() {
      @Override
      public String location() {
        return others.location();
      }

      @Override
      public boolean exists(String name) throws IOException {
        return others.exists(name);
      }

      @Override
      public long size(String name) throws IOException {
        return name.equals(FILE) ? onnx.length : others.size(name);
      }

      @Override
      public InputStream open(String name) throws IOException {
        return name.equals(FILE) ? new ByteArrayInputStream(onnx) : others.open(name);
      }
    };
  }
}
