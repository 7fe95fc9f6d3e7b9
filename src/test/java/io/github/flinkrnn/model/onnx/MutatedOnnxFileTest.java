package io.github.flinkrnn.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.ModelFiles;
import io.github.flinkrnn.model.RnnModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged graph gives a model or one clear refusal, whatever the damage. */
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
      byte[] mutated = mutate(bytes, random);
      try {
        loaded += RnnModel.load(with(mutated, whole)).outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        // A changed size of the embedding or of the outputs is not what config.json says.
        assertThat(e.getMessage())
            .as("mutation %d", i)
            .startsWith(whole.location() + "/")
            .hasLineCount(1);
      }
    }
    // Both ends are reached: a changed weight is still a weight, a changed name leads nowhere.
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
