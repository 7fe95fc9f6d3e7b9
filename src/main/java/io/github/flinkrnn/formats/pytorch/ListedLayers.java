package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The layers that {@code layers} in config.json lists, from x&lt;t&gt; to the logits. An element is
 * the path of a module, whose tensors say what it is; or an activation.
 */
final class ListedLayers {
  private static final Set<String> NOTHING = Set.of("dropout", "identity");

  final WeightsFile weights;
  final NetworkConfig config;
  final StateDictConfig asked;
  final Map<String, String> integers;
  private final Map<String, InvalidFileException> refused;
  final List<Part> parts;
  final Set<String> used;
  private final Map<String, Map<String, Tensor>> modules = new TreeMap<>();
  private final ModulePaths paths;
  private final Set<String> listed = new LinkedHashSet<>();

  /**
   * @param refused the errors of modules that cannot be read, by their paths
   * @param parts gets a part for each layer
   * @param used gets the names of the tensors that the layers use
   */
  ListedLayers(
      WeightsFile weights,
      NetworkConfig config,
      StateDictConfig asked,
      Map<String, Tensor> tensors,
      Map<String, String> integers,
      Map<String, InvalidFileException> refused,
      List<Part> parts,
      Set<String> used) {
    this.weights = weights;
    this.config = config;
    this.asked = asked;
    this.integers = integers;
    this.refused = refused;
    this.parts = parts;
    this.used = used;
    modules.putAll(ModulePaths.byModule(tensors.values()));
    modules.remove("");
    refused.keySet().forEach(path -> modules.putIfAbsent(path, Map.of()));
    this.paths = new ModulePaths(modules.keySet());
  }

  /**
   * Reads the layers.
   *
   * @throws InvalidFileException when a module does not exist, or does not fit the one before it
   */
  List<Layer> read() {
    int size = inputSize(asked.layers());
    List<Layer> layers = size == 0 ? List.of() : chain(asked.layers(), size, "x<t>");
    if (layers.stream().allMatch(layer -> layer.stateSize() == 0)) {
      throw new InvalidFileException(
          asked.file(), "layers", "expected a recurrent layer or a convolution, found none");
    }
    long state = layers.stream().mapToLong(Layer::stateSize).sum();
    if (state > CausalConvolution.MAX_STATE) {
      throw new InvalidFileException(
          asked.file(),
          "layers",
          "expected at most " + CausalConvolution.MAX_STATE + " numbers of state, found " + state);
    }
    return layers;
  }

  /** The length of x&lt;t&gt;: that of the first module with weights; 0 for none. */
  private int inputSize(List<ListedLayer> elements) {
    for (ListedLayer element : elements) {
      int size =
          element.residual().isEmpty() ? moduleInput(element) : inputSize(element.residual());
      if (size > 0) {
        return size;
      }
    }
    return 0;
  }

  private int moduleInput(ListedLayer element) {
    Map<String, Tensor> module = modules.getOrDefault(path(element), Map.of());
    for (String name : List.of("weight_ih_l0", "weight_ih", "weight", "running_mean")) {
      Tensor tensor = module.get(name);
      if (tensor != null && tensor.rank() > 0) {
        return tensor.shape()[tensor.rank() == 1 ? 0 : 1];
      }
    }
    return 0;
  }

  /**
   * @param size the length of the input
   * @param below what the input comes from, for errors
   */
  List<Layer> chain(List<ListedLayer> elements, int size, String below) {
    List<Layer> layers = new ArrayList<>();
    int in = size;
    String from = below;
    for (ListedLayer element : elements) {
      for (Layer layer : layers(element, in, from)) {
        layers.add(layer);
        in = layer.outputSize();
        from = element.name();
        weights.memory().take(weights.path(), 2L * Float.BYTES * in); // for two steppers' outputs
      }
    }
    return layers;
  }

  /** The layers of an element; none for a layer that does nothing after training. */
  private List<Layer> layers(ListedLayer element, int in, String below) {
    if (!element.residual().isEmpty()) {
      List<Layer> inner = chain(element.residual(), in, below);
      int out = inner.isEmpty() ? in : inner.get(inner.size() - 1).outputSize();
      if (inner.isEmpty() || out != in) {
        throw invalid(
            element,
            "expected layers from " + in + " to " + in + " numbers, found " + in + " to " + out);
      }
      inner.stream()
          .filter(Bidirectional::isIn)
          .findFirst()
          .ifPresent(
              layer -> {
                throw invalid(
                    element,
                    "expected layers of one direction in a residual connection, found "
                        + layer.type());
              });
      return List.of(LayerGraph.residual(inner));
    }
    String path = path(element);
    Map<String, Tensor> module = modules.get(path);
    if (module == null && !element.isBareNorm()) {
      if (element.hasOptions()) {
        throw unknown(element);
      }
      if (NOTHING.contains(element.name())) {
        return List.of();
      }
      Activation activation = ListedLayer.ACTIVATIONS.get(element.name());
      if (activation == null) {
        throw unknown(element);
      }
      Layer layer = new ActivationLayer(activation, in, weights.kernel());
      parts.add(new Part(element.name(), "no tensors", layer, 0));
      return List.of(layer);
    }
    if (module != null && !listed.add(path)) {
      throw invalid(element, "expected each module once, found '" + path + "' twice");
    }
    List<Layer> layers =
        new ListedModule(this, element, path, module == null ? Map.of() : module, in).layers();
    if (layers.get(0).inputSize() != in) {
      throw new InvalidFileException(
          weights.path(),
          "module '" + path + "'",
          "expected "
              + in
              + " inputs, the outputs of "
              + below
              + ", found "
              + layers.get(0).inputSize()
              + ": "
              + shown(module.values())
              + (layers.get(0) instanceof CausalConvolution && in % layers.get(0).inputSize() == 0
                  ? "; a convolution with groups is not supported"
                  : ""));
    }
    return layers;
  }

  static String shown(Collection<Tensor> tensors) {
    return tensors.stream().map(Tensor::toString).collect(Collectors.joining(", "));
  }

  /** Whether the state of a layer is not, or not only, that of a recurrent cell. */
  static boolean isConvolved(Layer layer) {
    return layer instanceof CausalConvolution || layer instanceof LayerGraph;
  }

  private InvalidFileException unknown(ListedLayer element) {
    List<String> known = new ArrayList<>(modules.keySet());
    String paths = String.join(", ", known);
    known.addAll(ListedLayer.ACTIVATIONS.keySet());
    return invalid(
        element,
        "expected an activation or a module of "
            + weights.path()
            + " ("
            + paths
            + "), found '"
            + element.name()
            + "'"
            + Nearest.hint(element.name(), known));
  }

  private String path(ListedLayer element) {
    String name = element.name();
    List<String> meant = paths.meant(name);
    if (meant.size() > 1) {
      throw invalid(
          element,
          "expected the path of one module, found '"
              + name
              + "', as in "
              + String.join(", ", meant));
    }
    String path = meant.isEmpty() ? name : meant.get(0);
    refused.forEach(
        (module, problem) -> {
          if (module.equals(path) || module.startsWith(path + ".")) {
            throw problem;
          }
        });
    return path;
  }

  InvalidFileException invalid(ListedLayer element, String problem) {
    return new InvalidFileException(asked.file(), element.place(), problem);
  }
}
