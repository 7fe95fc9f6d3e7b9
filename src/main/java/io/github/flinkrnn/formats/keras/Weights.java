package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a file keeps the weights of each layer, and which of them were read. Keras 3 (its {@code
 * saving_lib}) has the variables of a layer, numbered in the order in which the layer made them,
 * under {@code layers/CLASS/vars/0}, those of a recurrent layer under {@code
 * layers/CLASS/cell/vars/0}, where CLASS is the snake-case class with {@code _1}, {@code _2} for
 * the second and third of a class. Keras 2.12 to 2.15 wrote the same below {@code
 * _layer_checkpoint_dependencies}. The older format has a group {@code model_weights/NAME} for each
 * layer, whose attribute {@code weight_names} lists the datasets in that same order.
 */
final class Weights {
  private static final String LAYERS = "layers";
  private static final String LAYERS_OF_KERAS_2 = "_layer_checkpoint_dependencies";
  private static final String LEGACY = "model_weights";
  // The seeds of dropout, which draws nothing here.
  private static final String SEEDS = "seed_generator";
  // What training keeps in the file beside the model.
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
                      "; found " + Hdf5File.place(path) + ", a name that Keras wrote on Windows")
              .orElse("");
      throw new InvalidFileException(
          file,
          Hdf5File.place(layers),
          "is missing, expected the weights of a Keras model there" + windows);
    }
  }

  /** Weights by numbers, as Keras 3 writes them. */
  static Weights numbered(String file, Hdf5File hdf5) {
    boolean isKeras2 = !hdf5.hasGroup(LAYERS) && hdf5.hasGroup(LAYERS_OF_KERAS_2);
    return new Weights(file, hdf5, isKeras2 ? LAYERS_OF_KERAS_2 : LAYERS);
  }

  /** Weights by names, as Keras 2 writes them. */
  static Weights named(String file, Hdf5File hdf5) {
    return new Weights(file, hdf5, LEGACY);
  }

  /** The groups that have datasets, from the group of all layers: {@code lstm/cell}. */
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

  /** The names of the layers, also of those without weights, as Keras 3 makes them. */
  List<String> names() {
    return hdf5.groups().stream()
        .filter(path -> path.startsWith(layers + "/"))
        .map(path -> path.substring(layers.length() + 1))
        .filter(name -> !name.contains("/"))
        .toList();
  }

  /** The datasets of a layer in the order in which Keras makes its weights. */
  List<String> paths(LayerSpec layer) {
    List<String> paths = new ArrayList<>();
    if (layers.equals(LEGACY)) {
      String group = LEGACY + "/" + layer.name();
      List<String> names =
          hdf5.texts(group, "weight_names")
              .orElseThrow(() -> invalid(group, "has no attribute weight_names"));
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

  /** Reads a dataset, once its shape is known to be right. */
  Tensor read(String path, int... expected) {
    int[] shape = hdf5.shape(path);
    if (!Arrays.equals(shape, expected)) {
      throw invalid(
          path, "is " + Tensor.shapeText(shape) + ", expected " + Tensor.shapeText(expected));
    }
    if (!used.add(path)) {
      throw invalid(path, "is the weights of two layers");
    }
    return hdf5.read(path);
  }

  /** Every dataset must have had its place, for the network would be computed without it. */
  void expectAllUsed() {
    for (String path : hdf5.datasets()) {
      boolean isOfTraining = OF_TRAINING.stream().anyMatch(path::startsWith);
      if (!used.contains(path) && !isOfTraining && !path.contains(SEEDS)) {
        throw invalid(path, "belongs to no layer of the model");
      }
    }
  }

  InvalidFileException invalid(String path, String problem) {
    return new InvalidFileException(file, Hdf5File.place(path), problem);
  }
}
