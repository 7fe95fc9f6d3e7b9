package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.BatchNorm;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.LstmCell;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final List<Layer> layers = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private FMatrixRMaj embedding;
  private OutputActivation output;
  private int cells; // recurrent layers so far
  private int dense; // Dense layers since the last recurrent layer
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

  LoadedNetwork build(List<LayerSpec> specs) {
    for (int i = 0; i < specs.size(); i++) {
      LayerSpec layer = specs.get(i);
      boolean last = i == specs.size() - 1;
      switch (layer.type()) {
        case EMBEDDING -> embed(layer);
        case DENSE -> addDense(layer, last);
        case ACTIVATION -> addActivation(layer, last);
        case BATCH_NORM, LAYER_NORM, RMS_NORM -> addNorm(layer);
        case CONV -> addConv(layer);
        default -> addCell(layer);
      }
    }
    boolean hasState = layers.stream().anyMatch(layer -> layer.stateSize() > 0);
    if (!hasState || output == null) {
      String missing = hasState ? "Dense after the recurrent layers" : "recurrent layer";
      throw new InvalidFileException(file, "", "missing: expected a " + missing);
    }
    weights.expectAllUsed();
    LayerChain chain = LayerChain.of(embedding, layers, List.of(), null, kernel);
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
    int gates = layer.type().gates();
    List<String> paths = paths(layer, 2);
    int[] shape = weights.shape(paths.get(0));
    int[] recurrentShape = weights.shape(paths.get(1));
    int units = layer.units().orElse(recurrentShape.length == 0 ? 0 : recurrentShape[0]);
    int in = inputs(shape, 0);
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
    layers.add(
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
    cells++;
    dense = 0;
    add("layer " + cells, ", " + how, w, u, bias);
  }

  /** The length of the input of a layer: that of the output so far, or, at first, its weights'. */
  private int inputs(int[] shape, int dimension) {
    return size > 0 || shape.length <= dimension ? size : shape[dimension];
  }

  private void addNorm(LayerSpec layer) {
    LayerSpec.Norm norm = layer.norm();
    boolean ofBatch = layer.type() == LayerClass.BATCH_NORM;
    int count = (norm.scale() ? 1 : 0) + (norm.center() ? 1 : 0) + (ofBatch ? 2 : 0);
    List<String> paths = expectPaths(layer, count);
    int n = paths.isEmpty() ? size : inputs(weights.shape(paths.get(0)), 0);
    if (n == 0) {
      throw invalid(layer, "expected weights in the first layer, found none");
    }
    List<Tensor> tensors = new ArrayList<>();
    paths.forEach(path -> tensors.add(weights.read(path, n)));
    float[] gamma = norm.scale() ? tensors.get(0).data() : null;
    float[] beta = norm.center() ? tensors.get(norm.scale() ? 1 : 0).data() : null;
    if (ofBatch) {
      float[] mean = tensors.get(count - 2).data();
      float[] variance = tensors.get(count - 1).data();
      for (float each : variance) {
        if (each < 0) {
          throw weights.invalid(paths.get(count - 1), "expected variances from 0, found " + each);
        }
      }
      BatchNorm ofStatistics = BatchNorm.of(mean, variance, norm.epsilon(), gamma, beta);
      if (!ofStatistics.isFinite()) {
        throw weights.invalid(
            paths.get(count - 1), "expected variances whose quotients are finite float32 numbers");
      }
      layers.add(ofStatistics);
    } else {
      boolean isCentred = layer.type() == LayerClass.LAYER_NORM;
      layers.add(new LayerNorm(n, isCentred, norm.epsilon(), gamma, beta));
    }
    size = n;
    add(layers.get(layers.size() - 1).type(), "", tensors.toArray(Tensor[]::new));
  }

  /** The kernel of Keras is [taps × in × out]. */
  private void addConv(LayerSpec layer) {
    List<String> paths = paths(layer, 1);
    int[] shape = weights.shape(paths.get(0));
    int taps = layer.conv().taps();
    int out = layer.units().orElseThrow();
    int in = inputs(shape, 1);
    if (in == 0) {
      throw invalid(layer, "expected at least one input, found none");
    }
    int dilation = layer.conv().dilation();
    long state = CausalConvolution.stateSize(out, in, taps, dilation);
    if (state > CausalConvolution.MAX_STATE) {
      throw invalid(
          layer,
          "expected at most " + CausalConvolution.MAX_STATE + " numbers of state, found " + state);
    }
    Tensor w = weights.read(paths.get(0), taps, in, out);
    Tensor bias = paths.size() == 2 ? weights.read(paths.get(1), out) : null;
    float[] turned = new float[w.data().length]; // [out × in × taps]
    for (int j = 0; j < taps; j++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          turned[(o * in + i) * taps + j] = w.data()[(j * in + i) * out + o];
        }
      }
    }
    layers.add(
        new CausalConvolution(
            turned, out, in, taps, dilation, bias == null ? null : bias.data(), kernel));
    size = out;
    add(layers.get(layers.size() - 1).type(), ", then " + layer.activation(), w, bias);
    Activation g = activation(layer, layer.activation());
    if (g != Activation.IDENTITY) {
      layers.add(new ActivationLayer(g, out, kernel));
    }
  }

  private void addActivation(LayerSpec layer, boolean last) {
    if (size == 0) {
      throw invalid(layer, "expected after a layer with weights, found as the first layer");
    }
    Optional<OutputActivation> end = last ? end(layer) : Optional.empty();
    if (end.isPresent()) {
      output = end.get();
    } else {
      layers.add(new ActivationLayer(activation(layer, layer.activation()), size, kernel));
      if (last && output == null) {
        output = OutputActivation.IDENTITY;
      }
    }
    parts.add(new Part("activation", layer.activation()));
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
    List<String> paths = paths(layer, 1);
    int[] shape = weights.shape(paths.get(0));
    int units = layer.units().orElse(shape.length == 2 ? shape[1] : 0);
    int in = inputs(shape, 0);
    if (units == 0 || in == 0) {
      throw invalid(layer, "expected at least one input and one unit, found none");
    }
    Tensor w = weights.read(paths.get(0), in, units);
    Tensor bias = paths.size() == 2 ? weights.read(paths.get(1), units) : null;
    Activation g = Activation.IDENTITY;
    Optional<OutputActivation> end = last ? end(layer) : Optional.empty();
    if (end.isEmpty()) {
      g = activation(layer, layer.activation());
    }
    output = last ? end.orElse(OutputActivation.IDENTITY) : null;
    layers.add(new Linear(rows(w, units, 0), bias == null ? null : bias.data(), g, kernel));
    size = units;
    dense++;
    String name = cells == 0 ? "dense " + dense : "head " + dense;
    add(name, ", then " + layer.activation(), w, bias);
  }

  /** The output activation of the last layer; empty if it is computed as part of the network. */
  private static Optional<OutputActivation> end(LayerSpec layer) {
    return switch (layer.activation()) {
      case "softmax" -> Optional.of(OutputActivation.SOFTMAX);
      case "sigmoid" -> Optional.of(OutputActivation.SIGMOID);
      case "linear" -> Optional.of(OutputActivation.IDENTITY);
      default -> Optional.empty();
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
    Layer made = layers.isEmpty() ? null : layers.get(layers.size() - 1); // null: the embedding
    List<String> from = new ArrayList<>();
    long numbers = 0;
    for (Tensor tensor : tensors) {
      from.add(tensor == null ? "no bias" : tensor.toString());
      numbers += tensor == null ? 0 : tensor.data().length;
    }
    parameters += numbers;
    parts.add(new Part(name, String.join(", ", from) + how, made, numbers));
  }

  private InvalidFileException invalid(LayerSpec layer, String problem) {
    return new InvalidFileException(file, layer.place(), problem);
  }
}
