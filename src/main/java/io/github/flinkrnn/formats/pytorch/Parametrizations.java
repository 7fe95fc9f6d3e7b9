package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.network.Part;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Weights that PyTorch computes from other tensors of the state_dict: {@code weight_norm}, {@code
 * spectral_norm} (each with its old and its new names) and pruning. They are computed once, here;
 * then the network is read as if the state_dict held the weights.
 */
final class Parametrizations {
  private static final Pattern NEW =
      Pattern.compile("(|.*?\\.)parametrizations\\.([^.]+)\\.([^.].*)", Pattern.DOTALL);
  private static final Pattern OLD =
      Pattern.compile("(|.*\\.)((?:weight|bias)[^.]*?)(_g|_v|_orig|_u|_mask)", Pattern.DOTALL);

  private static final Set<String> WEIGHT_NORM = Set.of("original0", "original1");
  private static final Set<String> OLD_WEIGHT_NORM = Set.of("_g", "_v");
  private static final Set<String> SPECTRAL_NORM = Set.of("original", "0._u", "0._v");
  private static final Set<String> OLD_SPECTRAL_NORM = Set.of("_orig", "_u", "_v");
  private static final Set<String> PRUNED = Set.of("_orig", "_mask");

  /** The tensors that make one weight, by the ends of their names. */
  private record Group(String module, String weight, boolean isNew, Map<String, Tensor> tensors) {
    String target() {
      return module + weight;
    }

    String list() {
      return tensors.values().stream().map(Tensor::toString).collect(Collectors.joining(", "));
    }
  }

  private final String file;
  private final List<Part> parts;
  private final Map<String, InvalidFileException> refused;

  private Parametrizations(
      String file, List<Part> parts, Map<String, InvalidFileException> refused) {
    this.file = file;
    this.parts = parts;
    this.refused = refused;
  }

  /**
   * Replaces the tensors of each such weight by the weight.
   *
   * @param parts gets a part for each weight
   * @param refused gets an error for each module whose weight cannot be computed; its tensors stay,
   *     because a module that is left out must not stop the others
   */
  static void fold(
      String file,
      Map<String, Tensor> tensors,
      List<Part> parts,
      Map<String, InvalidFileException> refused) {
    Parametrizations fold = new Parametrizations(file, parts, refused);
    groups(tensors).values().forEach(group -> fold.fold(group, tensors));
  }

  private static Map<String, Group> groups(Map<String, Tensor> tensors) {
    Map<String, Group> groups = new TreeMap<>();
    for (Tensor tensor : tensors.values()) {
      Matcher matcher = NEW.matcher(tensor.name());
      boolean isNew = matcher.matches();
      if (!isNew) {
        matcher = OLD.matcher(tensor.name());
      }
      if (isNew || matcher.matches()) {
        Group group =
            new Group(matcher.group(1), matcher.group(2), isNew, new TreeMap<String, Tensor>());
        groups
            .computeIfAbsent(isNew + group.target(), target -> group)
            .tensors()
            .put(matcher.group(3), tensor);
      }
    }
    // A weight of its own, and other tensors whose names happen to look like these.
    groups
        .values()
        .removeIf(
            group ->
                !group.isNew()
                    && (tensors.containsKey(group.target()) || group.tensors().size() < 2));
    return groups;
  }

  private void fold(Group group, Map<String, Tensor> tensors) {
    Map<String, Tensor> of = group.tensors();
    Set<String> kind = of.keySet();
    try {
      if (tensors.containsKey(group.target())) {
        throw problem(group, "expected either the weight or its parametrization, found both");
      } else if (kind.equals(WEIGHT_NORM)) {
        weightNorm(of.get("original0"), of.get("original1"));
        replace(group, "weight_norm", of.get("original1"), tensors);
      } else if (kind.equals(OLD_WEIGHT_NORM)) {
        weightNorm(of.get("_g"), of.get("_v"));
        replace(group, "weight_norm", of.get("_v"), tensors);
      } else if (kind.equals(SPECTRAL_NORM)) {
        spectralNorm(of.get("original"), of.get("0._u"), of.get("0._v"));
        replace(group, "spectral_norm", of.get("original"), tensors);
      } else if (kind.equals(OLD_SPECTRAL_NORM)) {
        spectralNorm(of.get("_orig"), of.get("_u"), of.get("_v"));
        replace(group, "spectral_norm", of.get("_orig"), tensors);
      } else if (kind.equals(PRUNED)) {
        prune(of.get("_orig"), of.get("_mask"));
        replace(group, "pruned", of.get("_orig"), tensors);
      } else {
        throw problem(
            group,
            "expected the weight itself, because its parametrization is not known: "
                + group.list()
                + "; before saving, call torch.nn.utils."
                + (group.isNew() ? "parametrize.remove_parametrizations" : "remove_spectral_norm")
                + "(module, '"
                + group.weight()
                + "')");
      }
    } catch (InvalidFileException e) {
      String module = group.module();
      refused.putIfAbsent(module.isEmpty() ? "" : module.substring(0, module.length() - 1), e);
    }
  }

  private void replace(Group group, String how, Tensor changed, Map<String, Tensor> tensors) {
    for (float number : changed.data()) {
      if (!Float.isFinite(number)) {
        throw problem(group, "expected finite float32 numbers, found " + number + " by " + how);
      }
    }
    Tensor weight = new Tensor(group.target(), changed.shape(), changed.data());
    parts.add(new Part(how, weight + " of " + group.list()));
    group.tensors().values().forEach(tensor -> tensors.remove(tensor.name()));
    tensors.put(weight.name(), weight);
  }

  /**
   * W = g v / ‖v‖, where the norm is that of each slice along the dimension in which g has more
   * than one number, or else of all of v. Changes v in place.
   */
  private void weightNorm(Tensor g, Tensor v) {
    int axis = -1;
    boolean fits = g.rank() == 0 || g.rank() == v.rank();
    for (int d = 0; d < g.rank() && fits; d++) {
      if (g.shape()[d] != 1) {
        fits = axis < 0 && g.shape()[d] == v.shape()[d];
        axis = d;
      }
    }
    if (!fits) {
      throw invalid(
          g, "expected one number, or one for each slice of " + v + " along one dimension");
    }
    int slices = axis < 0 ? 1 : v.shape()[axis];
    int inner = inner(v, axis);
    float[] data = v.data();
    double[] squares = new double[slices];
    for (int i = 0; i < data.length; i++) {
      squares[i / inner % slices] += (double) data[i] * data[i];
    }
    for (int i = 0; i < data.length; i++) {
      int slice = i / inner % slices;
      data[i] = (float) (data[i] * (g.data()[slice] / Math.sqrt(squares[slice])));
    }
  }

  /** How many numbers follow one another with the same index in a dimension. */
  private static int inner(Tensor tensor, int axis) {
    int inner = 1;
    for (int d = axis < 0 ? 0 : axis + 1; d < tensor.rank(); d++) {
      inner *= tensor.shape()[d];
    }
    return Math.max(1, inner);
  }

  /**
   * W = original / σ with σ = uᵀ M v, where M has a row for each index of one dimension, which is
   * the first that fits u and v. Changes the original in place.
   */
  private void spectralNorm(Tensor original, Tensor u, Tensor v) {
    float[] data = original.data();
    int axis = 0;
    while (axis < original.rank()
        && !(u.hasShape(original.shape()[axis])
            && (long) u.data().length * v.data().length == data.length
            && v.rank() == 1)) {
      axis++;
    }
    if (axis == original.rank() || data.length == 0) {
      throw invalid(u, "expected the left singular vector of " + original + ", with " + v);
    }
    int rows = original.shape()[axis];
    int inner = inner(original, axis);
    double sigma = 0;
    for (int i = 0; i < data.length; i++) {
      int row = i / inner % rows;
      int column = i / inner / rows * inner + i % inner;
      sigma += (double) u.data()[row] * data[i] * v.data()[column];
    }
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (data[i] / sigma);
    }
  }

  private void prune(Tensor original, Tensor mask) {
    if (!mask.hasShape(original.shape())) {
      throw invalid(mask, "expected the shape of " + original);
    }
    for (int i = 0; i < original.data().length; i++) {
      original.data()[i] *= mask.data()[i];
    }
  }

  private InvalidFileException invalid(Tensor tensor, String problem) {
    return new InvalidFileException(
        file,
        "tensor '" + tensor.name() + "'",
        problem + ", found " + Tensor.shapeText(tensor.shape()));
  }

  private InvalidFileException problem(Group group, String problem) {
    return new InvalidFileException(file, "tensor '" + group.target() + "'", problem);
  }
}
