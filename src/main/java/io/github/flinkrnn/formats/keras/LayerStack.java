package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.LstmCell;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.FMatrixRMaj;

/**
 * Builds the network layer by layer. Keras computes x W, so its kernels are [in × out] and are
 * transposed here. A recurrent layer of u units has a kernel [in × G u] and a recurrent kernel [u ×
 * G u], whose columns are the G gates side by side: i, f, c, o for an LSTM, z, r, h for a GRU (here
 * r, z, c). The bias is [G u]. A GRU with {@code reset_after} has [2 × 3 u], one bias for each
 * product.
 */
final class LayerStack {
  private final String file;
  private final Weights weights;
  private final Map<String, Activation> activations;
  private final Kernel kernel;
  private final int words;
  private final List<Layer> cells = new ArrayList<>();
  private final List<Linear> head = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private FMatrixRMaj embedding;
  private OutputActivation output;
  private long parameters;
  private int size; // of the output of the layers so far; 0 before the first

  /**
   * @param activations the activations by their names in Keras
   * @param words the size of the vocabulary; 0 for features
   */
  LayerStack(
      String file, Weights weights, Map<String, Activation> activations, int words, Kernel kernel) {
    this.file = file;
    this.weights = weights;
    this.activations = activations;
    this.words = words;
    this.kernel = kernel;
  }

  LoadedNetwork build(List<LayerSpec> layers) {
    for (int i = 0; i < layers.size(); i++) {
      LayerSpec layer = layers.get(i);
      switch (layer.type()) {
        case EMBEDDING -> embed(layer);
        case DENSE -> addDense(layer, i == layers.size() - 1);
        default -> addCell(layer);
      }
    }
    if (cells.isEmpty() || head.isEmpty()) {
      String missing = cells.isEmpty() ? "recurrent layer" : "Dense after the recurrent layers";
      throw new InvalidFileException(file, "", "missing: expected a " + missing);
    }
    weights.expectAllUsed();
    LayerChain chain = new LayerChain(embedding, cells, head, null, kernel);
    return new LoadedNetwork(chain, OutputEnd.of(output), parameters, parts);
  }

  private void embed(LayerSpec layer) {
    if (size > 0) {
      throw invalid(layer, "expected as the first layer, found after another layer");
    }
    if (words == 0) {
      throw invalid(layer, "expected a model of words: put vocab.txt next to the model");
    }
    String path = expectPaths(layer, 1).get(0);
    int[] shape = weights.shape(path);
    if (shape.length != 2 || shape[0] != words) {
      throw weights.invalid(
          path,
          "expected a row for each of the "
              + words
              + " words of the vocabulary, found "
              + Tensor.shapeText(shape)
              + WeightsFile.extraRow(shape.length == 2 ? shape[0] : 0, words)
                  .replace("if id 0 is padding", "because Keras counts word 0 as padding"));
    }
    if (shape[1] == 0) {
      throw weights.invalid(path, "expected at least one column, found " + Tensor.shapeText(shape));
    }
    Tensor table = weights.read(path, words, layer.units().orElse(shape[1]));
    embedding = table.matrix();
    size = embedding.getNumCols();
    add("embedding", "", table);
  }

  private void addCell(LayerSpec layer) {
    if (!head.isEmpty()) {
      throw invalid(layer, "expected before the first Dense, found after it");
    }
    int gates = layer.type().gates();
    List<String> paths = paths(layer, 2);
    int[] shape = weights.shape(paths.get(0));
    int[] recurrentShape = weights.shape(paths.get(1));
    int units = layer.units().orElse(recurrentShape.length == 0 ? 0 : recurrentShape[0]);
    int in = size > 0 || shape.length == 0 ? size : shape[0];
    if (units == 0 || in == 0) {
      throw invalid(layer, "expected at least one input and one unit, found none");
    }
    int columns = Math.multiplyExact(gates, units);
    Tensor w = weights.read(paths.get(0), in, columns);
    Tensor u = weights.read(paths.get(1), units, columns);
    boolean twoBiases = layer.type() == LayerClass.GRU && layer.resetAfter();
    int[] biasShape = twoBiases ? new int[] {2, columns} : new int[] {columns};
    Tensor bias = paths.size() == 3 ? weights.read(paths.get(2), biasShape) : null;
    float[] b = bias == null ? null : bias.data();
    Activation g = activation(layer, layer.activation());
    cells.add(
        switch (layer.type()) {
          case SIMPLE_RNN -> new ElmanCell(g, rows(u, units, 0), rows(w, units, 0), b, kernel);
          case GRU -> gru(layer, w, u, b, g);
          default ->
              new LstmCell(
                  rows(u, units, 0, 1, 2, 3),
                  rows(w, units, 0, 1, 2, 3),
                  b,
                  null,
                  activation(layer, layer.recurrentActivation()),
                  g,
                  kernel);
        });
    size = units;
    String how = layer.activation();
    how += layer.recurrentActivation().isEmpty() ? "" : " and " + layer.recurrentActivation();
    add("layer " + cells.size(), ", " + how, w, u, bias);
  }

  private GruCell gru(LayerSpec layer, Tensor w, Tensor u, float[] bias, Activation g) {
    int n = u.rows();
    float[] bx = bias == null ? null : turned(bias, 0, n);
    boolean hasSecond = bias != null && layer.resetAfter();
    return new GruCell(
        rows(w, n, 1, 0, 2),
        rows(u, n, 1, 0, 2),
        bx,
        hasSecond ? turned(bias, 3 * n, n) : null,
        activation(layer, layer.recurrentActivation()),
        g,
        layer.resetAfter(),
        kernel);
  }

  /** Reorders the gates z, r, h of Keras to r, z, c. */
  private static float[] turned(float[] bias, int at, int n) {
    float[] turned = Arrays.copyOfRange(bias, at, at + 3 * n);
    System.arraycopy(bias, at + n, turned, 0, n);
    System.arraycopy(bias, at, turned, n, n);
    return turned;
  }

  /**
   * The transposed kernel, with its blocks of {@code n} columns reordered.
   *
   * @param blocks the index of the column block for each block of rows
   */
  private static FMatrixRMaj rows(Tensor kernel, int n, int... blocks) {
    FMatrixRMaj rows = new FMatrixRMaj(blocks.length * n, kernel.rows());
    for (int row = 0; row < rows.getNumRows(); row++) {
      int column = blocks[row / n] * n + row % n;
      for (int i = 0; i < kernel.rows(); i++) {
        rows.set(row, i, kernel.data()[i * kernel.columns() + column]);
      }
    }
    return rows;
  }

  private void addDense(LayerSpec layer, boolean last) {
    if (cells.isEmpty()) {
      throw invalid(layer, "expected after the recurrent layers, found before them");
    }
    List<String> paths = paths(layer, 1);
    int[] shape = weights.shape(paths.get(0));
    int units = layer.units().orElse(shape.length == 2 ? shape[1] : 0);
    if (units == 0) {
      throw invalid(layer, "expected at least one unit, found none");
    }
    Tensor w = weights.read(paths.get(0), size, units);
    Tensor bias = paths.size() == 2 ? weights.read(paths.get(1), units) : null;
    Activation g = Activation.IDENTITY;
    if (last) {
      output = output(layer);
    } else {
      g = activation(layer, layer.activation());
    }
    head.add(new Linear(rows(w, units, 0), bias == null ? null : bias.data(), g, kernel));
    size = units;
    add("head " + head.size(), ", then " + layer.activation(), w, bias);
  }

  private OutputActivation output(LayerSpec layer) {
    return switch (layer.activation()) {
      case "softmax" -> OutputActivation.SOFTMAX;
      case "sigmoid" -> OutputActivation.SIGMOID;
      case "linear" -> OutputActivation.IDENTITY;
      default ->
          throw invalid(
              layer,
              "expected activation softmax, sigmoid or linear in the last layer, found "
                  + layer.activation());
    };
  }

  private Activation activation(LayerSpec layer, String name) {
    Activation activation = activations.get(name);
    if (activation == null) {
      throw invalid(
          layer,
          "expected one of the activations "
              + String.join(", ", activations.keySet())
              + ", found "
              + name);
    }
    return activation;
  }

  /** The datasets of the layer: its kernels, and its bias if there is one. */
  private List<String> paths(LayerSpec layer, int kernels) {
    boolean biased = layer.useBias().orElseGet(() -> weights.paths(layer).size() > kernels);
    return expectPaths(layer, kernels + (biased ? 1 : 0));
  }

  private List<String> expectPaths(LayerSpec layer, int count) {
    List<String> paths = weights.paths(layer);
    if (paths.size() != count) {
      throw invalid(layer, "expected " + count + " weights, found " + paths.size() + ": " + paths);
    }
    return paths;
  }

  private void add(String name, String how, Tensor... tensors) {
    List<String> from = new ArrayList<>();
    for (Tensor tensor : tensors) {
      from.add(tensor == null ? "no bias" : tensor.toString());
      parameters += tensor == null ? 0 : tensor.data().length;
    }
    parts.add(new Part(name, String.join(", ", from) + how));
  }

  private InvalidFileException invalid(LayerSpec layer, String problem) {
    return new InvalidFileException(file, layer.place(), problem);
  }
}
