package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the weights of each layer in a file and records which were read.
 *
 * <p>Keras 3 ({@code saving_lib}) stores the variables of a layer under {@code layers/CLASS/vars/0}
 * and so on, numbered in the order in which the layer creates them, those of a recurrent layer
 * under {@code layers/CLASS/cell/vars/0}. CLASS is the class in snake case, with {@code _1}, {@code
 * _2} for the second and third layer of a class. Keras 2.12 to 2.15 wrote the same below {@code
 * _layer_checkpoint_dependencies}. The older format has a group {@code model_weights/NAME} for each
 * layer. Its attribute {@code weight_names} lists the datasets in the same order.
 */
final class Weights {
  private static final String LAYERS = "layers";
  private static final String LAYERS_OF_KERAS_2 = "_layer_checkpoint_dependencies";
  private static final String LEGACY = "model_weights";
  // The seeds of dropout, which has no effect on inference.
  private static final String SEEDS = "seed_generator";
  // What training stores in the file next to the model.
  private static final List<String> OF_TRAINING =
      List.of(
          "optimizer/",
          "optimizer_weights/",
          "metrics/",
          "_metrics/",
          "_compile_metrics/",
          "_loss_tracker/");

  private final String file;
  private final Hdf5File hdf5;
  private final String layers;
  private final Set<String> used = new LinkedHashSet<>();

  private Weights(String file, Hdf5File hdf5, String layers) {
    this.file = file;
    this.hdf5 = hdf5;
    this.layers = layers;
    if (!hdf5.hasGroup(layers)) {
      String windows =
          hdf5.groups().stream()
              .filter(path -> path.contains("\\"))
              .findFirst()
              .map(
                  path ->
                      ", found " + Hdf5File.place(path) + ", a name that Keras wrote on Windows")
              .orElse("");
      throw new InvalidFileException(
          file, Hdf5File.place(layers), "missing: expected the weights of a Keras model" + windows);
    }
  }

  /** Weights by number, as Keras 3 writes them. */
  static Weights numbered(String file, Hdf5File hdf5) {
    boolean isKeras2 = !hdf5.hasGroup(LAYERS) && hdf5.hasGroup(LAYERS_OF_KERAS_2);
    return new Weights(file, hdf5, isKeras2 ? LAYERS_OF_KERAS_2 : LAYERS);
  }

  /** Weights by name, as Keras 2 writes them. */
  static Weights named(String file, Hdf5File hdf5) {
    return new Weights(file, hdf5, LEGACY);
  }

  /** The groups with datasets, relative to the group of all layers: {@code lstm/cell}. */
  List<String> groups() {
    Set<String> groups = new LinkedHashSet<>();
    for (String path : hdf5.datasets()) {
      int end = path.indexOf("/vars/");
      if (path.startsWith(layers + "/") && end > layers.length() && !path.contains(SEEDS)) {
        groups.add(path.substring(layers.length() + 1, end));
      }
    }
    return List.copyOf(groups);
  }

  /** The names of all layers, also of those without weights, in the form of Keras 3. */
  List<String> names() {
    return hdf5.groups().stream()
        .filter(path -> path.startsWith(layers + "/"))
        .map(path -> path.substring(layers.length() + 1))
        .filter(name -> !name.contains("/"))
        .toList();
  }

  /** The datasets of a layer, in the order in which Keras creates its weights. */
  List<String> paths(LayerSpec layer) {
    List<String> paths = new ArrayList<>();
    if (layers.equals(LEGACY)) {
      String group = LEGACY + "/" + layer.name();
      List<String> names =
          hdf5.texts(group, "weight_names")
              .orElseThrow(() -> invalid(group, "missing: expected the attribute weight_names"));
      names.stream()
          .filter(name -> !name.contains(SEEDS))
          .forEach(name -> paths.add(group + "/" + name));
    } else {
      String cell = layer.type().isRecurrent() ? "/cell/vars/" : "/vars/";
      String vars = layers + "/" + layer.group() + cell;
      while (hdf5.datasets().contains(vars + paths.size())) {
        paths.add(vars + paths.size());
      }
    }
    return paths;
  }

  int[] shape(String path) {
    return hdf5.shape(path);
  }

  /** Checks the shape of a dataset and reads it. */
  Tensor read(String path, int... expected) {
    int[] shape = hdf5.shape(path);
    if (!Arrays.equals(shape, expected)) {
      throw invalid(
          path, "expected " + Tensor.shapeText(expected) + ", found " + Tensor.shapeText(shape));
    }
    if (!used.add(path)) {
      throw invalid(path, "expected the weights of one layer, found two layers that use them");
    }
    return hdf5.read(path);
  }

  /** Checks that every dataset was read, because the network would be computed without it. */
  void expectAllUsed() {
    for (String path : hdf5.datasets()) {
      boolean isOfTraining = OF_TRAINING.stream().anyMatch(path::startsWith);
      if (!used.contains(path) && !isOfTraining && !path.contains(SEEDS)) {
        throw invalid(
            path, "expected only weights of the layers, found weights that no layer uses");
      }
    }
  }

  InvalidFileException invalid(String path, String problem) {
    return new InvalidFileException(file, Hdf5File.place(path), problem);
  }
}
