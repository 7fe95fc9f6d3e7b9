package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.BatchNorm;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.Residual;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The layers that {@code layers} in config.json lists, from x&lt;t&gt; to the logits. An element is
 * the path of a module, whose tensors say what it is; or an activation.
 */
final class ListedLayers {
  private static final double EPS = 1e-5; // of nn.BatchNorm1d and nn.LayerNorm
  private static final double RMS_EPS = Math.ulp(1f); // of nn.RMSNorm: torch.finfo(float32).eps
  private static final String BATCH_NORM = "batch_norm";
  // Their tensors are those of a LayerNorm.
  private static final Pattern OTHER_NORM =
      Pattern.compile("(?i)(gn|in|bn|(group|instance|batch|i)_?norm)_?\\d*(d|d_\\d+)?");
  private static final Set<String> NOTHING = Set.of("dropout", "identity");

  private final WeightsFile weights;
  private final NetworkConfig config;
  private final StateDictConfig asked;
  private final Map<String, String> integers;
  private final Map<String, InvalidFileException> refused;
  private final List<Part> parts;
  private final Set<String> used;
  private final Map<String, Map<String, Tensor>> modules = new TreeMap<>();
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
    for (Tensor tensor : tensors.values()) {
      int dot = tensor.name().lastIndexOf('.');
      if (dot > 0) {
        modules
            .computeIfAbsent(tensor.name().substring(0, dot), path -> new LinkedHashMap<>())
            .put(tensor.name().substring(dot + 1), tensor);
      }
    }
    refused.keySet().forEach(path -> modules.putIfAbsent(path, Map.of()));
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
      return List.of(new Residual(inner));
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
    List<Layer> layers = new Module(element, path, module == null ? Map.of() : module, in).layers();
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

  private static String shown(Collection<Tensor> tensors) {
    return tensors.stream().map(Tensor::toString).collect(Collectors.joining(", "));
  }

  /** Whether the state of a layer is not, or not only, that of a recurrent cell. */
  static boolean isConvolved(Layer layer) {
    return layer instanceof CausalConvolution || layer instanceof Residual;
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
    List<String> paths = Paths.meant(name, modules.keySet());
    if (paths.size() > 1) {
      throw invalid(
          element,
          "expected the path of one module, found '"
              + name
              + "', as in "
              + String.join(", ", paths));
    }
    String path = paths.isEmpty() ? name : paths.get(0);
    refused.forEach(
        (module, problem) -> {
          if (module.equals(path) || module.startsWith(path + ".")) {
            throw problem;
          }
        });
    return path;
  }

  private InvalidFileException invalid(ListedLayer element, String problem) {
    return new InvalidFileException(asked.file(), element.place(), problem);
  }

  /** One module with weights. */
  private final class Module {
    private final ListedLayer element;
    private final String path;
    private final Map<String, Tensor> module;
    private final int in;
    private final Set<String> read = new LinkedHashSet<>();

    Module(ListedLayer element, String path, Map<String, Tensor> module, int in) {
      this.element = element;
      this.path = path;
      this.module = module;
      this.in = in;
    }

    List<Layer> layers() {
      for (Tensor tensor : module.values()) {
        if (tensor.data().length == 0) {
          throw invalidTensor(
              tensor.name(),
              "expected at least one number, found " + Tensor.shapeText(tensor.shape()));
        }
      }
      if (module.keySet().stream().anyMatch(name -> RecurrentStack.isRecurrent(name))) {
        expectOptions(false, false);
        return recurrent();
      }
      Layer layer = layer();
      for (String name : module.keySet()) {
        if (!read.contains(name)) {
          throw invalidTensor(
              module.get(name).name(),
              "expected no such tensor in a module of type " + layer.type());
        }
      }
      String from = read.isEmpty() ? "no tensors" : shown(module.values());
      parts.add(new Part(path, from, layer, Tensor.numbers(module.values())));
      module.values().forEach(tensor -> used.add(tensor.name()));
      return List.of(layer);
    }

    private List<Layer> recurrent() {
      List<Layer> cells = new ArrayList<>();
      Map<String, Tensor> own = new LinkedHashMap<>();
      for (Tensor tensor : module.values()) {
        boolean isInitial = asked.initialState().contains(tensor.name());
        if (!RecurrentStack.isRecurrent(tensor.name()) && !isInitial) {
          throw invalidTensor(tensor.name(), "expected no such tensor in a recurrent module");
        }
      }
      module.values().forEach(tensor -> own.put(tensor.name(), tensor));
      for (LayerTensors layer : RecurrentStack.find(weights.path(), own, integers, List.of(path))) {
        Layer cell = layer.cell(config, weights.kernel());
        cells.add(cell);
        parts.add(
            new Part(
                path + " " + cells.size(),
                shown(layer.tensors()),
                cell,
                Tensor.numbers(layer.tensors())));
      }
      used.addAll(own.keySet());
      return cells;
    }

    private Layer layer() {
      Tensor weight = take("weight");
      if (module.containsKey("running_mean")) {
        expectOptions(true, false);
        if (!element.type().orElse(BATCH_NORM).equals(BATCH_NORM)) {
          throw new InvalidFileException(
              asked.file(),
              element.place() + ".type",
              "expected "
                  + BATCH_NORM
                  + ", found "
                  + element.type().get()
                  + " for "
                  + shown(module.values()));
        }
        return batchNorm(weight);
      }
      int rank = weight == null ? 1 : weight.rank();
      return switch (rank) {
        case 1 -> {
          expectOptions(true, false);
          yield norm(weight);
        }
        case 2 -> {
          expectOptions(false, false);
          yield new Linear(
              weight.matrix(), bias(weight.rows()), Activation.IDENTITY, weights.kernel());
        }
        case 3 -> {
          expectOptions(false, true);
          int[] shape = weight.shape();
          int dilation = element.dilation().orElse(1);
          long state = CausalConvolution.stateSize(shape[0], shape[1], shape[2], dilation);
          if (state > CausalConvolution.MAX_STATE) {
            throw invalidTensor(
                weight.name(),
                "expected at most "
                    + CausalConvolution.MAX_STATE
                    + " numbers of state, found "
                    + state
                    + ", with dilation "
                    + dilation);
          }
          yield new CausalConvolution(
              weight.data(),
              shape[0],
              shape[1],
              shape[2],
              dilation,
              bias(shape[0]),
              weights.kernel());
        }
        default ->
            throw invalidTensor(
                weight.name(),
                "expected a weight of 1 to 3 dimensions, found "
                    + Tensor.shapeText(weight.shape()));
      };
    }

    private Layer batchNorm(Tensor weight) {
      Tensor mean = take("running_mean");
      int size = mean.data().length;
      vector("running_mean", size);
      float[] variance = vector("running_var", size);
      if (variance == null) {
        throw invalidTensor(path + ".running_var", "missing: expected the variances");
      }
      for (float each : variance) {
        if (each < 0) {
          throw invalidTensor(path + ".running_var", "expected variances from 0, found " + each);
        }
      }
      BatchNorm norm =
          BatchNorm.of(
              mean.data(),
              variance,
              element.eps().orElse(EPS),
              weight == null ? null : vector("weight", size),
              vector("bias", size));
      if (!norm.isFinite()) {
        throw invalidTensor(
            path + ".running_var", "expected variances whose quotients are finite float32 numbers");
      }
      return norm;
    }

    private Layer norm(Tensor weight) {
      String type = element.type().orElse(null);
      if (BATCH_NORM.equals(type)) {
        throw invalidTensor(path + ".running_mean", "missing: expected the means of a batch norm");
      }
      boolean biased = module.containsKey("bias");
      if (weight == null && biased) {
        throw invalidTensor(path + ".weight", "missing: expected a tensor of floats");
      }
      String name = path.substring(path.lastIndexOf('.') + 1);
      if (type == null && OTHER_NORM.matcher(name).matches()) {
        throw invalid(
            element,
            "expected {\"module\": \""
                + element.name()
                + "\", \"type\": \"layer_norm\"} if it is an nn.LayerNorm, or an nn.GroupNorm of"
                + " one group; any other norm without running_mean is not supported, because its"
                + " statistics are not those of one step");
      }
      if (type == null && !biased && weight.data().length == 1 && in > 1) {
        throw invalid(
            element,
            "expected a norm of "
                + in
                + " numbers, found "
                + weight
                + ": nn.PReLU is not supported; export a step graph");
      }
      if (type == null && !biased) {
        throw invalid(
            element,
            "expected {\"module\": \""
                + element.name()
                + "\", \"type\": \"layer_norm\"} or \"rms_norm\", because a norm without a bias"
                + " may be either");
      }
      boolean centred = type == null || type.equals("layer_norm");
      int size = weight == null ? in : weight.data().length;
      return new LayerNorm(
          size,
          centred,
          element.eps().orElse(centred ? EPS : RMS_EPS),
          weight == null ? null : weight.data(),
          centred ? vector("bias", size) : null);
    }

    private void expectOptions(boolean eps, boolean dilation) {
      String field = null;
      if (!eps && element.eps().isPresent()) {
        field = "eps";
      } else if (!dilation && element.dilation().isPresent()) {
        field = "dilation";
      } else if (element.type().isPresent() && !eps) {
        field = "type";
      }
      if (field != null) {
        throw new InvalidFileException(
            asked.file(),
            element.place() + "." + field,
            "expected only for "
                + (field.equals("dilation") ? "a convolution" : "a norm")
                + ", found "
                + shown(module.values()));
      }
    }

    private float[] bias(int size) {
      return vector("bias", size);
    }

    /** A tensor of the module with so many numbers, or null. */
    private float[] vector(String name, int size) {
      Tensor tensor = take(name);
      if (tensor != null && !tensor.hasShape(size)) {
        throw invalidTensor(
            tensor.name(), "expected [" + size + "], found " + Tensor.shapeText(tensor.shape()));
      }
      return tensor == null ? null : tensor.data();
    }

    private Tensor take(String name) {
      read.add(name);
      return module.get(name);
    }

    private InvalidFileException invalidTensor(String tensor, String problem) {
      return new InvalidFileException(weights.path(), "tensor '" + tensor + "'", problem);
    }
  }
}
