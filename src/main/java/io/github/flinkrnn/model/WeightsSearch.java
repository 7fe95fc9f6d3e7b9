package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.GitLfs;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.keras.KerasModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the weights file of a model directory: in the directory itself, or else one level down, as
 * MLflow and Hugging Face store a model ({@code data/model.keras}, {@code onnx/model.onnx}). All
 * other files are ignored.
 *
 * <p>The files of MLflow are also found deeper, in the directories that it makes.
 */
final class WeightsSearch {
  static final String SAFETENSORS = "model.safetensors";
  static final String SHARDED = "model.safetensors.index.json";
  static final String PARAMETERS = "parameters.json";
  static final String ONNX = "model.onnx";

  private static final String CONFIG = "config.json";
  private static final String VOCABULARY = "vocab.txt";
  private static final String ML_MODEL = "MLmodel";
  private static final List<String> WEIGHTS =
      List.of(
          SAFETENSORS,
          PARAMETERS,
          ONNX,
          KerasModel.ARCHIVE,
          KerasModel.LEGACY,
          KerasModel.WEIGHTS_ONLY);
  // Directories of directories: of an MLflow run or model, and of the cache of Hugging Face.
  private static final Set<String> CONTAINERS = Set.of("artifacts/", "data/", "snapshots/");
  private static final int MOST_DIRECTORIES = 100;
  private static final int MOST_LEVELS = 3;

  private final ModelFiles files;
  private final List<String> searched = new ArrayList<>();
  private final List<String> found = new ArrayList<>();

  private WeightsSearch(ModelFiles files) {
    this.files = files;
  }

  /** Searches a model directory. */
  static WeightsSearch in(ModelFiles files) throws IOException {
    WeightsSearch search = new WeightsSearch(files);
    List<String> level = List.of("");
    for (int depth = 0; depth <= MOST_LEVELS && search.found.isEmpty(); depth++) {
      level = search.level(level);
    }
    return search;
  }

  /** Looks into directories. Returns those to look into next. */
  private List<String> level(List<String> directories) throws IOException {
    List<String> below = new ArrayList<>();
    for (String directory : directories) {
      if (searched.size() == MOST_DIRECTORIES) {
        return List.of();
      }
      searched.add(directory);
      for (String name : WEIGHTS) {
        if (files.exists(directory + name)) {
          found.add(directory + name);
        }
        if (name.equals(SAFETENSORS) && files.exists(directory + SHARDED)) {
          found.add(directory + SHARDED);
        }
      }
    }
    if (!found.isEmpty()) {
      return List.of();
    }
    for (String directory : directories) {
      String name = directory.substring(directory.lastIndexOf('/', directory.length() - 2) + 1);
      if (directory.isEmpty() || CONTAINERS.contains(name) || files.exists(directory + ML_MODEL)) {
        files.list(directory).stream()
            .filter(each -> each.endsWith("/") && !each.startsWith("."))
            .forEach(each -> below.add(directory + each));
      }
    }
    return below;
  }

  /** The only weights file, as a path; else an error that names what was found. */
  private String only() throws IOException {
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty()) {
      for (String directory : searched) {
        new RefusedWeights(files, directory).refuse();
      }
    }
    throw new InvalidFileException(
        files.location(),
        "",
        "expected one of "
            + String.join(", ", WEIGHTS)
            + " in the model directory, found "
            + (found.isEmpty() ? "none" + otherNames() : String.join(" and ", found)));
  }

  /** A hint for files that have another name than the reader expects. */
  private String otherNames() throws IOException {
    List<String> others =
        files.list("").stream()
            .filter(name -> name.matches(".*\\.(safetensors|onnx|keras)"))
            .toList();
    if (others.isEmpty()) {
      return "";
    }
    String first = others.get(0);
    String names = others.stream().limit(3).collect(Collectors.joining(", "));
    return first.matches(".*-\\d+-of-\\d+\\.safetensors")
        ? "; missing: " + SHARDED + ", the index of " + names
        : "; rename " + names + " to model" + first.substring(first.lastIndexOf('.'));
  }

  private String directory() {
    String path = found.size() == 1 ? found.get(0) : "";
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  /**
   * The directory of the weights.
   *
   * @throws InvalidFileException when there is not exactly one weights file
   */
  ModelFiles weights() throws IOException {
    only();
    return directory().isEmpty() ? files : files.within(directory());
  }

  /**
   * The name of the weights file in its directory.
   *
   * @throws InvalidFileException when there is not exactly one, or a pointer in its place
   */
  String name() throws IOException {
    String path = only();
    GitLfs.refusePointer(files, path);
    return path.substring(directory().length());
  }

  /**
   * The directory of config.json and of the vocabularies next to it: the model directory, unless
   * only that of the weights has such files.
   */
  ModelFiles base() throws IOException {
    String directory = directory();
    boolean isTop =
        directory.isEmpty()
            || files.exists(CONFIG)
            || (files.exists(VOCABULARY) && !files.exists(directory + CONFIG));
    return isTop ? files : files.within(directory);
  }

  /**
   * Checks a model of features for a vocabulary that is not next to config.json, where it would
   * have no effect.
   */
  void refuseStrayVocabulary() throws IOException {
    String directory = directory();
    ModelFiles base = base();
    String stray = (base == files ? directory : "") + VOCABULARY;
    if (!directory.isEmpty() && files.exists(stray)) {
      throw new InvalidFileException(
          files.path(stray),
          "",
          "expected next to config.json, in "
              + base.location()
              + "; for a model of features, set input.type to features");
    }
  }
}
