package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.network.Scale;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of {@code config.json} for the input and the names of a model.
 *
 * @param words whether the input is words of a vocabulary (else features)
 * @param scale of features, or null
 * @param unscales of the outputs of each head; null for none
 * @param tableMegabytes the maximum size of the table of input products for all words, if given
 */
record ModelConfig(
    boolean words,
    String vocabularyFile,
    Optional<String> unknownToken,
    boolean lowercase,
    Scale scale,
    List<Scale> unscales,
    Optional<Integer> tableMegabytes,
    Optional<String> name,
    Optional<String> version) {

  private static final int MAX_TABLE = 8000; // an array has fewer than 2^31 numbers

  private static final Map<String, Boolean> INPUT_TYPES =
      Choices.of(List.of("vocabulary", "features"), List.of(true, false));

  /** Reads these fields. */
  static ModelConfig read(ConfigFile config, ModelFiles files) throws IOException {
    Fields input = config.input();
    String vocabularyFile = fileName(input, "file", input.text("file").orElse("vocab.txt"));
    Optional<Boolean> words = input.choice("type", INPUT_TYPES);
    // With a file name, the input is words, so a misspelt name fails instead of selecting features.
    boolean namesWords = input.has("file") || files.exists(vocabularyFile);
    boolean isWords = words.orElse(namesWords) && !input.has("fields");
    if (isWords && input.has("scale")) {
      throw input.invalid("scale", "expected only for features, found a model of words");
    }
    return new ModelConfig(
        isWords,
        vocabularyFile,
        input.text("unknown_token"),
        input.flag("lowercase", false),
        ScaleReader.scale(input, "scale"),
        unscales(config),
        input.whole("table_mb", 0, MAX_TABLE),
        config.top().plainText("name"),
        config.top().plainText("version"));
  }

  private static List<Scale> unscales(ConfigFile config) {
    List<Fields> heads = config.outputs().isEmpty() ? List.of(config.output()) : config.outputs();
    List<Scale> unscales = new ArrayList<>();
    for (Fields head : heads) {
      unscales.add(ScaleReader.unscale(head));
    }
    return unscales;
  }

  // The user trusts only this directory, so its config must not refer to files outside it.
  static String fileName(Fields input, String field, String name) {
    if (name.contains("/") || name.contains("\\") || name.contains("\0")) {
      throw input.invalid(field, "expected the name of a file next to config.json, found a path");
    }
    return name;
  }
}
