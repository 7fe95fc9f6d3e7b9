package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.Part;
import java.util.List;
import java.util.Map;

/**
 * A learned state before the first token: {@code "initial_state": "h0"}, or {@code ["h0", "c0"]}
 * for an LSTM. Each tensor holds the states of all layers, bottom first, in PyTorch's shape [layers
 * × 1 × n] or any shape of as many numbers.
 */
final class InitialState {
  private InitialState() {}

  /** The initial state of all layers in the layout of the model, or null for zeros. */
  static float[] read(
      String file,
      Map<String, Tensor> tensors,
      StateDictConfig asked,
      List<Layer> cells,
      List<Part> parts) {
    List<String> names = asked.initialState();
    if (names.isEmpty()) {
      return null;
    }
    boolean hasCellState = cells.stream().anyMatch(cell -> cell.stateSize() > cell.outputSize());
    if (names.size() > (hasCellState ? 2 : 1)) {
      throw new InvalidFileException(
          asked.file(),
          "initial_state",
          "expected "
              + (hasCellState ? "one tensor or two (h and c)" : "one tensor")
              + ", found "
              + names.size());
    }
    int a = cells.stream().mapToInt(Layer::outputSize).sum();
    int c = cells.stream().mapToInt(cell -> cell.stateSize() - cell.outputSize()).sum();
    float[] h0 = numbers(file, tensors, names.get(0), a);
    float[] c0 = names.size() == 2 ? numbers(file, tensors, names.get(1), c) : new float[c];
    names.forEach(name -> parts.add(new Part("initial state", tensors.get(name).toString())));
    float[] state = new float[a + c];
    int at = 0;
    int hAt = 0;
    int cAt = 0;
    for (Layer cell : cells) {
      int n = cell.outputSize();
      int m = cell.stateSize() - n;
      System.arraycopy(h0, hAt, state, at, n);
      System.arraycopy(c0, cAt, state, at + n, m);
      at += n + m;
      hAt += n;
      cAt += m;
    }
    return state;
  }

  private static float[] numbers(
      String file, Map<String, Tensor> tensors, String name, int length) {
    Tensor tensor = tensors.get(name);
    String problem = null;
    if (tensor == null) {
      problem = "missing: expected a tensor" + Nearest.hint(name, tensors.keySet());
    } else if (tensor.data().length != length) {
      problem = "expected " + length + " numbers, found " + Tensor.shapeText(tensor.shape());
    }
    if (problem != null) {
      throw new InvalidFileException(
          file, "tensor '" + name + "'", problem + " (named by initial_state in config.json)");
    }
    return tensor.data();
  }
}
