package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.LoadMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Small vocabularies for tests of code that reads words. */
public final class Vocabularies {
  private Vocabularies() {}

  /** One-hot words. Any other word is unknown and is rejected. */
  public static ModelInput closed(String... words) {
    return new ModelInput.Words(parse(null, words), words.length, "one-hot");
  }

  /** One-hot words. The first one stands for any other word. */
  public static ModelInput open(String... words) {
    return new ModelInput.Words(parse(words[0], words), words.length, "one-hot");
  }

  private static Vocabulary parse(String unknown, String... words) {
    byte[] utf8 = (String.join("\n", words) + "\n").getBytes(StandardCharsets.UTF_8);
    return read("vocab.txt", utf8, false, unknown);
  }

  /** The words of a file in memory. */
  static Vocabulary read(String file, byte[] utf8, boolean lowercase, String unknown) {
    try {
      return Vocabulary.read(
          file, new ByteArrayInputStream(utf8), lowercase, unknown, LoadMemory.of(1 << 30));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
