package io.github.flinkrnn.formats.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The zip archive of a model, with hostile content. */
class KerasArchiveTest {
  private static Map<String, byte[]> entries() throws IOException {
    return KerasFiles.entries(KerasFiles.resource("simple-rnn/model/model.keras"));
  }

  private static String rejected(byte[] zip) {
    KerasFiles files = new KerasFiles().with("model.keras", zip);
    return catchThrowableOfType(InvalidFileException.class, files::load).getMessage();
  }

  @Test
  void ignoresOtherEntries() throws IOException {
    Map<String, byte[]> entries = entries();
    entries.put("assets/vocabulary.txt", "a\nb".getBytes(StandardCharsets.UTF_8));
    KerasFiles files = new KerasFiles().with("model.keras", KerasFiles.zip(entries));
    assertThat(files.load().outputSize()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "metadata.json", "model.weights.h5"})
  void rejectsMissingEntry(String name) throws IOException {
    Map<String, byte[]> entries = entries();
    entries.remove(name);
    assertThat(rejected(KerasFiles.zip(entries)))
        .isEqualTo("m/model.keras: " + name + ": missing: expected a Keras model in the zip");
  }

  // 80 MB of zeros in 80 kB.
  @ParameterizedTest
  @ValueSource(strings = {"model.weights.h5", "assets/more"})
  void rejectsEntriesThatInflateTooFar(String name) throws IOException {
    Map<String, byte[]> entries = entries();
    entries.put(name, new byte[80_000_000]);
    byte[] zip = KerasFiles.zip(entries);
    assertThat(zip.length).isLessThan(100_000);
    assertThat(rejected(zip))
        .isEqualTo(
            "m/model.keras: "
                + name
                + ": expected fewer bytes, found more than such a file may decompress to");
  }

  @Test
  void rejectsJsonOfMoreThanAMebibyte() throws IOException {
    Map<String, byte[]> entries = entries();
    entries.put("config.json", new byte[(1 << 20) + 1]);
    entries.put("assets/random", KerasFiles.resource("simple-rnn/model/model.keras"));
    assertThat(rejected(KerasFiles.zip(entries)))
        .isEqualTo(
            "m/model.keras: config.json: expected fewer bytes, found more than such a file may decompress to");
  }

  @Test
  void rejectsDamage() throws IOException {
    byte[] zip = KerasFiles.resource("simple-rnn/model/model.keras");
    zip[zip.length / 2] ^= 1;
    assertThat(rejected(zip)).startsWith("m/model.keras: cannot be read as a zip: ");
    assertThat(rejected(Arrays.copyOf(zip, 400))).startsWith("m/model.keras: ");
    assertThat(rejected(new byte[0])).contains("missing: expected a Keras model in the zip");
  }

  @Test
  void rejectsOlderFileWithoutArchitecture() throws IOException {
    KerasFiles files = new KerasFiles().with("model.h5", KerasFiles.resource("refused/sound.h5"));
    assertThat(catchThrowableOfType(InvalidFileException.class, files::load))
        .hasMessage(
            "m/model.h5: attribute model_config: missing: expected a whole model, saved with"
                + " model.save, or the text of model.to_json() in model.json next to the weights");
  }
}
