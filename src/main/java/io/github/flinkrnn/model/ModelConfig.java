package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.json} says of a model besides its network: its input and its names.
 *
 * @param words whether the input is a vocabulary (else features)
 * @param tableMegabytes how large the table of the words' input parts may be, where given
 */
record ModelConfig(
    boolean words,
    String vocabularyFile,
    Optional<String> unknownToken,
    boolean lowercase,
    Optional<Integer> tableMegabytes,
    Optional<String> name,
    Optional<String> version) {

  private static final int MAX_TABLE = 8000; // an array has 2^31 numbers at most

  private static final Map<String, Boolean> INPUT_TYPES =
      Choices.of(List.of("vocabulary", "features"), List.of(true, false));

  /** Takes these fields from the file. */
  static ModelConfig read(ConfigFile config, ModelFiles files) throws IOException {
    Fields input = config.input();
    String vocabularyFile = fileName(input, input.text("file").orElse("vocab.txt"));
    Optional<Boolean> words = input.choice("type", INPUT_TYPES);
    // A misspelt file name must not turn words into features: a named file has to be there.
    boolean namesWords = input.has("file") || files.exists(vocabularyFile);
    return new ModelConfig(
        words.orElse(namesWords),
        vocabularyFile,
        input.text("unknown_token"),
        input.flag("lowercase", false),
        input.whole("table_mb", 0, MAX_TABLE),
        config.top().plainText("name"),
        config.top().plainText("version"));
  }

  // The directory is what the user trusts; its config must not reach out of it.
  private static String fileName(Fields input, String name) {
    if (name.contains("/") || name.contains("\\") || name.contains("\0")) {
      throw input.invalid("file", "expected the name of a file beside config.json, found a path");
    }
    return name;
  }
}
