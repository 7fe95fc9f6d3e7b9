package io.github.flinkrnn.model.pytorch;

import io.github.flinkrnn.cell.ElmanCell;
import io.github.flinkrnn.cell.Nonlinearity;
import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The layers of PyTorch's {@code nn.RNN} in a state_dict: {@code PREFIXweight_ih_l0} [n_a × n_x],
 * {@code weight_hh_l0} [n_a × n_a], {@code bias_ih_l0} and {@code bias_hh_l0} [n_a], then {@code
 * _l1} and so on. PREFIX is whatever the user's module called it.
 */
final class RecurrentStack {
  private static final Pattern NAME =
      Pattern.compile("(.*?)(weight|bias)_(ih|hh|hr)_l(\\d{1,4})(_reverse)?", Pattern.DOTALL);

  private final String file;
  private final Map<String, Tensor> tensors;
  private final String prefix;
  private final List<String> used = new ArrayList<>();

  private RecurrentStack(String file, Map<String, Tensor> tensors, String prefix) {
    this.file = file;
    this.tensors = tensors;
    this.prefix = prefix;
  }

  /** Finds the one stack that the tensors hold. */
  static RecurrentStack find(String file, Map<String, Tensor> tensors) {
    TreeSet<String> prefixes = new TreeSet<>();
    for (String name : tensors.keySet()) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        if (matcher.group(5) != null) {
          throw invalid(
              file,
              name,
              "is of a bidirectional network, which reads tokens that have yet to come");
        }
        prefixes.add(matcher.group(1));
      }
    }
    if (prefixes.isEmpty()) {
      throw new InvalidFileException(
          file, "", "holds no recurrent layer: expected tensors like rnn.weight_ih_l0");
    }
    if (prefixes.size() > 1) {
      String found = "'" + String.join("', '", prefixes) + "'";
      throw new InvalidFileException(
          file, "", "holds several recurrent networks, expected one: " + found);
    }
    return new RecurrentStack(file, tensors, prefixes.first());
  }

  /** The layers, bottom first. */
  List<RecurrentCell> cells(Nonlinearity g, Kernel kernel) {
    List<RecurrentCell> cells = new ArrayList<>();
    while (cells.isEmpty() || tensors.containsKey(name("weight_ih", cells.size()))) {
      int layer = cells.size();
      int below = layer == 0 ? -1 : cells.get(layer - 1).outputSize();
      cells.add(cell(layer, below, g, kernel));
    }
    for (String name : tensors.keySet()) {
      if (name.startsWith(prefix) && NAME.matcher(name).matches() && !used.contains(name)) {
        String last = name("weight_ih", cells.size() - 1);
        throw invalid(file, name, "fits no layer: the layers end with " + last);
      }
    }
    return cells;
  }

  /** The names of the tensors that the layers were made of. */
  List<String> used() {
    return used;
  }

  private RecurrentCell cell(int layer, int below, Nonlinearity g, Kernel kernel) {
    Tensor hh = required(name("weight_hh", layer), 2);
    Tensor ih = required(name("weight_ih", layer), 2);
    int nA = hh.columns();
    if (nA == 0 || hh.rows() != nA) {
      boolean gated = nA > 0 && (hh.rows() == 3 * nA || hh.rows() == 4 * nA);
      String kind = hh.rows() == 3 * nA ? "a gru's" : "an lstm's";
      String why = gated ? ": that is " + kind + ", this version computes model_type rnn" : "";
      String square = nA == 0 ? "at least one unit" : Tensor.shapeText(nA, nA);
      throw invalid(file, hh.name(), "is " + shape(hh) + ", expected " + square + why);
    }
    if (ih.rows() != nA || ih.columns() == 0 || (below >= 0 && ih.columns() != below)) {
      String inputs = below >= 0 ? Integer.toString(below) : "inputs";
      throw invalid(
          file, ih.name(), "is " + shape(ih) + ", expected [" + nA + " × " + inputs + "]");
    }
    return new ElmanCell(g, hh.matrix(), ih.matrix(), bias(layer, nA), kernel);
  }

  /** ba = bias_ih + bias_hh; null when the layer has neither. */
  private float[] bias(int layer, int nA) {
    String ihName = name("bias_ih", layer);
    String hhName = name("bias_hh", layer);
    if (!tensors.containsKey(ihName) && !tensors.containsKey(hhName)) {
      return null;
    }
    float[] ih = vector(ihName, nA);
    float[] hh = vector(hhName, nA);
    float[] sum = new float[nA];
    for (int i = 0; i < nA; i++) {
      sum[i] = ih[i] + hh[i];
    }
    return sum;
  }

  private float[] vector(String name, int length) {
    Tensor tensor = required(name, 1);
    if (!tensor.hasShape(length)) {
      throw invalid(file, name, "is " + shape(tensor) + ", expected [" + length + "]");
    }
    return tensor.data();
  }

  private Tensor required(String name, int rank) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw invalid(file, name, "is missing");
    }
    if (tensor.rank() != rank) {
      throw invalid(file, name, "is " + shape(tensor) + ", expected " + rank + " dimensions");
    }
    used.add(name);
    return tensor;
  }

  private String name(String part, int layer) {
    return prefix + part + "_l" + layer;
  }

  private static String shape(Tensor tensor) {
    return Tensor.shapeText(tensor.shape());
  }

  private static InvalidFileException invalid(String file, String tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor + "'", problem);
  }
}
