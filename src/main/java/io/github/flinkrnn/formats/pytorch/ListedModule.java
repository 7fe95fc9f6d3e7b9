package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.ScaleShift;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Builds the layers of one listed module from its tensors. */
final class ListedModule {
  private static final double EPS = 1e-5; // of nn.BatchNorm1d and nn.LayerNorm
  private static final double RMS_EPS = Math.ulp(1f); // of nn.RMSNorm: torch.finfo(float32).eps
  private static final String BATCH_NORM = "batch_norm";
  // Their tensors are those of a LayerNorm.
  private static final Pattern OTHER_NORM =
      Pattern.compile("(?i)(gn|in|bn|(group|instance|batch|i)_?norm)_?\\d*(d|d_\\d+)?");

  private final ListedLayers of;
  private final ListedLayer element;
  private final String path;
  private final Map<String, Tensor> module;
  private final int in;
  private final Set<String> read = new LinkedHashSet<>();

  /**
   * @param of the layers that list it
   * @param in the length of its input
   */
  ListedModule(
      ListedLayers of, ListedLayer element, String path, Map<String, Tensor> module, int in) {
    this.of = of;
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
    if (module.keySet().stream().anyMatch(RecurrentStack::isRecurrent)) {
      expectOptions(false, false);
      return recurrent();
    }
    Layer layer = layer();
    for (String name : module.keySet()) {
      if (!read.contains(name)) {
        throw invalidTensor(
            module.get(name).name(), "expected no such tensor in a module of type " + layer.type());
      }
    }
    String from = read.isEmpty() ? "no tensors" : ListedLayers.shown(module.values());
    of.parts.add(new Part(path, from, layer, Tensor.numbers(module.values())));
    module.values().forEach(tensor -> of.used.add(tensor.name()));
    return List.of(layer);
  }

  private List<Layer> recurrent() {
    List<Layer> cells = new ArrayList<>();
    Map<String, Tensor> own = new LinkedHashMap<>();
    for (Tensor tensor : module.values()) {
      boolean isInitial = of.asked.initialState().contains(tensor.name());
      if (!RecurrentStack.isRecurrent(tensor.name()) && !isInitial) {
        throw invalidTensor(tensor.name(), "expected no such tensor in a recurrent module");
      }
    }
    module.values().forEach(tensor -> own.put(tensor.name(), tensor));
    for (LayerTensors layer :
        RecurrentStack.find(of.weights.path(), own, of.integers, List.of(path))) {
      Layer cell = layer.layer(of.config, of.weights.kernel());
      cells.add(cell);
      of.parts.add(
          new Part(
              path + " " + cells.size(),
              ListedLayers.shown(layer.tensors()),
              cell,
              Tensor.numbers(layer.tensors())));
    }
    of.used.addAll(own.keySet());
    return cells;
  }

  private Layer layer() {
    Tensor weight = take("weight");
    if (module.containsKey("running_mean")) {
      expectOptions(true, false);
      if (!element.type().orElse(BATCH_NORM).equals(BATCH_NORM)) {
        throw new InvalidFileException(
            of.asked.file(),
            element.place() + ".type",
            "expected "
                + BATCH_NORM
                + ", found "
                + element.type().get()
                + " for "
                + ListedLayers.shown(module.values()));
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
            weight.matrix(),
            vector("bias", weight.rows()),
            Activation.IDENTITY,
            of.weights.kernel());
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
            vector("bias", shape[0]),
            of.weights.kernel());
      }
      default ->
          throw invalidTensor(
              weight.name(),
              "expected a weight of 1 to 3 dimensions, found " + Tensor.shapeText(weight.shape()));
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
    ScaleShift norm =
        ScaleShift.ofBatchNorm(
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
    if (weight == null && !module.isEmpty()) {
      throw invalidTensor(path + ".weight", "missing: expected a tensor of floats");
    }
    String name = path.substring(path.lastIndexOf('.') + 1);
    if (type == null && OTHER_NORM.matcher(name).matches()) {
      throw of.invalid(
          element,
          "expected {\"module\": \""
              + element.name()
              + "\", \"type\": \"layer_norm\"} if it is an nn.LayerNorm, or an nn.GroupNorm of"
              + " one group; any other norm without running_mean is not supported, because its"
              + " statistics are not those of one step");
    }
    if (type == null && !biased && weight.data().length == 1 && in > 1) {
      throw of.invalid(
          element,
          "expected a norm of "
              + in
              + " numbers, found "
              + weight
              + ": nn.PReLU is not supported; export a step graph");
    }
    if (type == null && !biased) {
      throw of.invalid(
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
          of.asked.file(),
          element.place() + "." + field,
          "expected only for "
              + (field.equals("dilation") ? "a convolution" : "a norm")
              + ", found "
              + ListedLayers.shown(module.values()));
    }
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
    return new InvalidFileException(of.weights.path(), "tensor '" + tensor + "'", problem);
  }
}
