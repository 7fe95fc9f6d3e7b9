package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * An LSTM with 128 units that reads words. Its weights are uniform, like PyTorch's for a new
 * network.
 */
final class SoakModel {
  static final int WORDS = 1000;
  private static final int HIDDEN = 128;
  private static final int EMBEDDING = 64;
  private static final int GATES = 4;
  private static final int OUTPUTS = 2;

  private SoakModel() {}

  /** Writes the model directory, and returns its absolute path. */
  static Path write(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    SafeTensorsFile file = new SafeTensorsFile();
    add(file, "embedding.weight", random, WORDS, EMBEDDING);
    add(file, "lstm.weight_ih_l0", random, GATES * HIDDEN, EMBEDDING);
    add(file, "lstm.weight_hh_l0", random, GATES * HIDDEN, HIDDEN);
    add(file, "lstm.bias_ih_l0", random, GATES * HIDDEN);
    add(file, "lstm.bias_hh_l0", random, GATES * HIDDEN);
    add(file, "fc.weight", random, OUTPUTS, HIDDEN);
    add(file, "fc.bias", random, OUTPUTS);
    Files.createDirectories(directory);
    file.write(directory.resolve("model.safetensors"));
    StringBuilder vocabulary = new StringBuilder();
    for (int id = 0; id < WORDS; id++) {
      vocabulary.append(SoakTokens.word(id)).append('\n');
    }
    Files.writeString(directory.resolve("vocab.txt"), vocabulary);
    Files.writeString(
        directory.resolve("config.json"),
        "{\"input\": {\"type\": \"vocabulary\"}, \"output\": {\"labels\": [\"A\", \"B\"]}}\n");
    return directory.toRealPath();
  }

  private static void add(SafeTensorsFile file, String name, Random random, int... shape) {
    int length = 1;
    for (int dimension : shape) {
      length *= dimension;
    }
    float scale = (float) (1 / Math.sqrt(HIDDEN));
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = scale * (2 * random.nextFloat() - 1);
    }
    file.f32(name, shape, numbers);
  }
}
