package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.keras.LayerSpec.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds the weights of each layer in a file and records which were read.
 *
 * <p>Keras 3 ({@code saving_lib}) stores the variables of a layer under {@code layers/CLASS/vars/0}
 * and so on, numbered in the order in which the layer creates them, those of a recurrent layer
 * under {@code layers/CLASS/cell/vars/0}. CLASS is the class in snake case, with {@code _1}, {@code
 * _2} for the second and third layer of a class. Keras 2.12 to 2.15 wrote the same below {@code
 * _layer_checkpoint_dependencies}, where the numbers have gaps, and on Windows with backslashes.
 *
 * <p>The older format has a group {@code model_weights/NAME} for each layer, or {@code NAME} in a
 * file of only weights. Its attribute {@code weight_names} lists the datasets in the same order. A
 * layer that is a model has one list for all layers in it.
 */
final class Weights {
  private static final List<String> LAYERS = List.of("layers", "_layer_checkpoint_dependencies");
  private static final String LEGACY = "model_weights";
  private static final String NAMES = "layer_names";
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
  private final LoadMemory memory;
  private final String layers; // the group of all layers; empty for the file
  private final boolean isNamed;
  private final Map<String, Source> used = new LinkedHashMap<>();
  private final Map<String, TreeSet<String>> children = new HashMap<>();
  private final Map<String, Map<Integer, String>> ofClass = new HashMap<>();
  private final Map<String, List<String>> weightNames = new HashMap<>();
  private long parameters;

  private Weights(String file, Hdf5File hdf5, LoadMemory memory, String layers, boolean isNamed) {
    this.file = file;
    this.hdf5 = hdf5;
    this.memory = memory;
    this.layers = layers;
    this.isNamed = isNamed;
    Set<String> paths = new LinkedHashSet<>(hdf5.groups());
    paths.addAll(hdf5.datasets());
    paths.forEach(this::addChildren);
    if (!layers.isEmpty() && !children.containsKey(layers)) {
      throw new InvalidFileException(
          file, Hdf5File.place(layers), "missing: expected the weights of a Keras model");
    }
  }

  private void addChildren(String path) {
    for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
      String parent = path.substring(0, slash);
      int end = path.indexOf('/', slash + 1);
      String child = path.substring(slash + 1, end < 0 ? path.length() : end);
      if (!children.computeIfAbsent(parent, key -> new TreeSet<>()).add(child)) {
        return; // those above are known too
      }
    }
  }

  /** Weights by number, as Keras 3 writes them; or by name, if a file of only weights has those. */
  static Weights weightsOnly(String file, Hdf5File hdf5, LoadMemory memory) {
    return hdf5.texts("", NAMES).isPresent()
        ? new Weights(file, hdf5, memory, "", true)
        : numbered(file, hdf5, memory);
  }

  /** Weights by number, as Keras 3 writes them. */
  static Weights numbered(String file, Hdf5File hdf5, LoadMemory memory) {
    boolean isKeras2 = !hdf5.hasGroup(LAYERS.get(0)) && hdf5.hasGroup(LAYERS.get(1));
    return new Weights(file, hdf5, memory, LAYERS.get(isKeras2 ? 1 : 0), false);
  }

  /** Weights by name, as Keras 2 writes them with a model. */
  static Weights named(String file, Hdf5File hdf5, LoadMemory memory) {
    return new Weights(file, hdf5, memory, LEGACY, true);
  }

  boolean isNamed() {
    return isNamed;
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
    return List.copyOf(children.getOrDefault(layers, new TreeSet<>()));
  }

  /** The datasets of a layer, in the order in which Keras creates its weights. */
  List<String> paths(LayerSpec spec) {
    return isNamed ? named(spec) : numbered(spec.source());
  }

  private List<String> numbered(Source source) {
    String group = "";
    for (String step : source.group().split("/", -1)) {
      group = step(group, step);
    }
    List<String> paths = new ArrayList<>();
    while (hdf5.datasets().contains(group + "/vars/" + paths.size())) {
      paths.add(group + "/vars/" + paths.size());
    }
    return paths;
  }

  private String step(String group, String step) {
    String below = group.isEmpty() ? "" : group + "/";
    if (step.equals("@")) {
      if (group.isEmpty()) {
        return layers;
      }
      return below + LAYERS.get(children.containsKey(below + LAYERS.get(0)) ? 0 : 1);
    }
    int number = step.indexOf('#');
    if (number < 0) {
      return below + step;
    }
    String name = step.substring(0, number);
    int index = Integer.parseInt(step.substring(number + 1));
    List<String> found = List.copyOf(ofClass(group, name).values());
    return below + (index < found.size() ? found.get(index) : name + "_" + index);
  }

  /** The groups {@code lstm}, {@code lstm_1} and so on, by number. */
  private Map<Integer, String> ofClass(String group, String name) {
    return ofClass.computeIfAbsent(
        group + "#" + name,
        key -> {
          TreeMap<Integer, String> found = new TreeMap<>();
          for (String child : children.getOrDefault(group, new TreeSet<>())) {
            if (child.equals(name)) {
              found.put(0, child);
            } else if (child.startsWith(name + "_")
                && child.substring(name.length() + 1).matches("[1-9]\\d{0,6}")) {
              found.put(Integer.parseInt(child.substring(name.length() + 1)), child);
            }
          }
          return found;
        });
  }

  private List<String> named(LayerSpec spec) {
    Source source = spec.source();
    String group = (layers.isEmpty() ? "" : layers + "/") + source.layer();
    List<String> names = weightNames.computeIfAbsent(group, this::weightNames);
    List<String> paths = new ArrayList<>();
    for (String name : names) {
      boolean isInner =
          source.inner().isEmpty() || ("/" + name).contains("/" + source.inner() + "/");
      if (isInner && !name.contains(SEEDS)) {
        paths.add(group + "/" + name);
      }
    }
    if (!source.isPart()) {
      return paths;
    }
    int count = ((LayerSpec.Cell) spec.kind()).useBias() ? 3 : 2;
    int from = Math.min(source.from(), paths.size());
    return paths.subList(from, Math.min(from + count, paths.size()));
  }

  private List<String> weightNames(String group) {
    return hdf5.texts(group, "weight_names")
        .orElseThrow(() -> invalid(group, "missing: expected the attribute weight_names"));
  }

  int[] shape(String path) {
    return hdf5.shape(path);
  }

  /**
   * Checks the shape of a dataset and reads it. A layer that is called twice may read it twice.
   *
   * @param source the layer
   */
  Tensor read(String path, Source source, int... expected) {
    int[] shape = hdf5.shape(path);
    if (!Arrays.equals(shape, expected)) {
      throw invalid(
          path, "expected " + Tensor.shapeText(expected) + ", found " + Tensor.shapeText(shape));
    }
    boolean isNew = ignore(path, source);
    Tensor tensor = hdf5.read(path);
    parameters += isNew ? tensor.data().length : 0;
    return tensor;
  }

  /** Marks a dataset as used. Whether the layer has not used it before. */
  boolean ignore(String path, Source source) {
    Source other = used.put(path, source);
    if (other != null && !other.equals(source)) {
      throw invalid(path, "expected the weights of one layer, found two layers that use them");
    }
    return other == null;
  }

  /** Counts memory besides that of the weights. */
  void take(long bytes) {
    memory.take(file, bytes);
  }

  /** Counts the memory of outputs, which each of two steppers has. */
  void takeOutputs(long numbers) {
    take(2L * Float.BYTES * numbers);
  }

  /** The number of weights that were read. */
  long parameters() {
    return parameters;
  }

  /** Checks that every dataset was read, because the network would be computed without it. */
  void expectAllUsed() {
    for (String path : hdf5.datasets()) {
      boolean isOfTraining = OF_TRAINING.stream().anyMatch(path::startsWith);
      if (!used.containsKey(path) && !isOfTraining && !path.contains(SEEDS)) {
        throw invalid(
            path, "expected only weights of the layers, found weights that no layer uses");
      }
    }
  }

  InvalidFileException invalid(String path, String problem) {
    return new InvalidFileException(file, Hdf5File.place(path), problem);
  }
}
