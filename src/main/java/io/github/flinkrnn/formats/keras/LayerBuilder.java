package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.keras.LayerSpec.Cell;
import io.github.flinkrnn.formats.keras.LayerSpec.CellType;
import io.github.flinkrnn.formats.keras.LayerSpec.NormType;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.LstmCell;
import io.github.flinkrnn.layer.ScaleShift;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.ejml.data.FMatrixRMaj;

/**
 * Builds the layers with their weights. Keras computes x W, so its kernels are [in × out] and are
 * transposed here. A recurrent layer of u units has a kernel [in × G u] and a recurrent kernel [u ×
 * G u], whose columns are the G gates side by side: i, f, c, o for an LSTM, z, r, h for a GRU (here
 * r, z, c). The bias is [G u]. A GRU with {@code reset_after} has [2 × 3 u], one bias for each
 * product.
 */
final class LayerBuilder {
  private final String file;
  private final Weights weights;
  private final Kernel kernel;
  private final int words;
  private final ScaleBuilder scales;
  private final List<Part> parts = new ArrayList<>();
  private int cells; // recurrent layers so far
  private int dense; // Dense layers since the last recurrent layer
  private FMatrixRMaj embedding;

  /**
   * @param words the size of the vocabulary; 0 for features
   */
  LayerBuilder(String file, Weights weights, int words, Kernel kernel) {
    this.file = file;
    this.weights = weights;
    this.words = words;
    this.kernel = kernel;
    this.scales = new ScaleBuilder(this, weights);
  }

  /** A part for each layer, bottom first. */
  List<Part> parts() {
    return parts;
  }

  /** The embedding; null for none. */
  FMatrixRMaj embedding() {
    return embedding;
  }

  /** Reads the embedding of words. The length of its rows. */
  int embed(LayerSpec spec, LayerSpec.Embedding layer) {
    if (words == 0) {
      throw invalid(spec, "expected a model of words: put vocab.txt next to the model");
    }
    String path = expectPaths(spec, 1).get(0);
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
    Tensor table = read(spec, path, words, layer.units() == 0 ? shape[1] : layer.units());
    embedding = table.matrix();
    part("embedding", "", null, table);
    return table.columns();
  }

  /** Gives the embedding one column more, which says that word 0 is padding. */
  void flagWordZero() {
    int rows = embedding.getNumRows();
    int columns = embedding.getNumCols();
    weights.take((long) Float.BYTES * rows * (columns + 1L));
    FMatrixRMaj wider = new FMatrixRMaj(rows, columns + 1);
    for (int row = 0; row < rows; row++) {
      System.arraycopy(embedding.data, row * columns, wider.data, row * (columns + 1), columns);
    }
    wider.set(0, columns, 1);
    embedding = wider;
  }

  /** Makes the state of word 0 not finite, so that layers skip it as padding. */
  void skipWordZero() {
    Arrays.fill(embedding.data, 0, embedding.getNumCols(), Float.NaN);
  }

  /**
   * Builds what computes a layer, but not the activation at its end.
   *
   * @param in the length of its input; 0 if only its weights define it
   * @param act the activation that a Dense applies itself
   * @return null for a layer that is only that activation
   */
  Layer build(LayerSpec spec, int in, KerasActivation act) {
    if (spec.kind() instanceof Cell cell) {
      BuiltCell built = cell(spec, cell, in);
      return recurrent(built.layer(), List.of(built));
    } else if (spec.kind() instanceof LayerSpec.Bidirectional both) {
      return bidirectional(spec, both, in);
    } else if (spec.kind() instanceof LayerSpec.Dense dense) {
      return dense(spec, dense, in, act);
    } else if (spec.kind() instanceof LayerSpec.Conv conv) {
      return conv(spec, conv, in);
    } else if (spec.kind() instanceof LayerSpec.Norm norm) {
      return norm(spec, norm, in);
    } else if (spec.kind() instanceof LayerSpec.Activate) {
      expectKnown(spec, in);
      return null;
    } else if (spec.kind() instanceof LayerSpec.Slopes) {
      return scales.slopes(spec, in);
    } else if (spec.kind() instanceof LayerSpec.Standardize standardize) {
      return scales.standardize(spec, standardize, in);
    } else if (spec.kind() instanceof LayerSpec.Scale scale) {
      return scales.scale(spec, scale, in);
    }
    throw new IllegalStateException("expected a layer that is built, found " + spec.kind());
  }

  void expectKnown(LayerSpec spec, int in) {
    if (in == 0) {
      throw invalid(
          spec, "expected after a layer with weights, or an input shape, found the first layer");
    }
  }

  /**
   * @param how a phrase for its activations
   */
  private record BuiltCell(Layer layer, String how, List<Tensor> tensors) {}

  private Layer recurrent(Layer layer, List<BuiltCell> built) {
    cells++;
    dense = 0;
    String how =
        built.stream().map(BuiltCell::how).distinct().collect(Collectors.joining(", backward "));
    Tensor[] tensors =
        built.stream().map(BuiltCell::tensors).flatMap(List::stream).toArray(Tensor[]::new);
    part("layer " + cells, ", " + how, layer, tensors);
    return layer;
  }

  private Layer bidirectional(LayerSpec spec, LayerSpec.Bidirectional both, int size) {
    List<BuiltCell> built = new ArrayList<>();
    int in = size;
    for (LayerSpec cell : spec.cells()) {
      built.add(cell(cell, (Cell) cell.kind(), in));
      in = built.get(0).layer().inputSize();
    }
    Layer forward = both.forward() == null ? null : built.get(0).layer();
    Layer backward = built.get(built.size() - 1).layer();
    if (both.join() != Join.CONCATENATE && forward.outputSize() != backward.outputSize()) {
      throw invalid(
          spec,
          "expected as many units in both directions, found "
              + forward.outputSize()
              + " and "
              + backward.outputSize());
    }
    return recurrent(new Bidirectional(forward, backward, both.join(), both.isFinal()), built);
  }

  private BuiltCell cell(LayerSpec spec, Cell cell, int size) {
    int gates = cell.type().gates();
    List<String> paths = expectPaths(spec, cell.useBias() ? 3 : 2);
    int[] shape = weights.shape(paths.get(0));
    int[] recurrentShape = weights.shape(paths.get(1));
    int units =
        cell.units() > 0 ? cell.units() : recurrentShape.length == 0 ? 0 : recurrentShape[0];
    int in = inputs(size, shape, 0);
    if (units == 0 || in == 0) {
      throw invalid(spec, "expected at least one input and one unit, found none");
    }
    int columns = Math.multiplyExact(gates, units);
    Tensor w = read(spec, paths.get(0), in, columns);
    Tensor u = read(spec, paths.get(1), units, columns);
    boolean twoBiases = cell.type() == CellType.GRU && cell.resetAfter();
    int[] biasShape = twoBiases ? new int[] {2, columns} : new int[] {columns};
    Tensor bias = cell.useBias() ? read(spec, paths.get(2), biasShape) : null;
    float[] b = bias == null ? null : bias.data();
    Layer layer =
        switch (cell.type()) {
          case SIMPLE_RNN ->
              new ElmanCell(cell.act().g(), rows(u, units, 0), rows(w, units, 0), b, kernel);
          case GRU -> gru(cell, w, u, b);
          case LSTM ->
              new LstmCell(
                  rows(u, units, 0, 1, 2, 3),
                  rows(w, units, 0, 1, 2, 3),
                  b,
                  null,
                  cell.gate().g(),
                  cell.act().g(),
                  kernel);
        };
    String how = cell.act().name() + (cell.gate() == null ? "" : " and " + cell.gate().name());
    return new BuiltCell(layer, how, Arrays.asList(w, u, bias));
  }

  /** The length of the input of a layer: that of the output so far, or, at first, its weights'. */
  static int inputs(int size, int[] shape, int dimension) {
    return size > 0 || shape.length <= dimension ? size : shape[dimension];
  }

  private GruCell gru(Cell cell, Tensor w, Tensor u, float[] bias) {
    int n = u.rows();
    float[] bx = bias == null ? null : turned(bias, 0, n);
    boolean hasSecond = bias != null && cell.resetAfter();
    return new GruCell(
        rows(w, n, 1, 0, 2),
        rows(u, n, 1, 0, 2),
        bx,
        hasSecond ? turned(bias, 3 * n, n) : null,
        cell.gate().g(),
        cell.act().g(),
        cell.resetAfter(),
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

  private Layer dense(LayerSpec spec, LayerSpec.Dense layer, int size, KerasActivation act) {
    boolean biased = layer.useBias().orElseGet(() -> weights.paths(spec).size() > 1);
    List<String> paths = expectPaths(spec, biased ? 2 : 1);
    int[] shape = weights.shape(paths.get(0));
    int units = layer.units() > 0 ? layer.units() : shape.length == 2 ? shape[1] : 0;
    int in = inputs(size, shape, 0);
    if (units == 0 || in == 0) {
      throw invalid(spec, "expected at least one input and one unit, found none");
    }
    Tensor w = read(spec, paths.get(0), in, units);
    Tensor bias = biased ? read(spec, paths.get(1), units) : null;
    Layer linear =
        new Linear(rows(w, units, 0), bias == null ? null : bias.data(), act.g(), kernel);
    dense++;
    String name = cells == 0 ? "dense " + dense : "head " + dense;
    part(name, ", then " + layer.act().name(), linear, w, bias);
    return linear;
  }

  private Layer norm(LayerSpec spec, LayerSpec.Norm norm, int in) {
    boolean ofBatch = norm.type() == NormType.BATCH;
    int count = (norm.scale() ? 1 : 0) + (norm.center() ? 1 : 0) + (ofBatch ? 2 : 0);
    List<String> paths = expectPaths(spec, count);
    int n = paths.isEmpty() ? in : inputs(in, weights.shape(paths.get(0)), 0);
    if (n == 0) {
      throw invalid(spec, "expected weights in the first layer, found none");
    }
    List<Tensor> tensors = new ArrayList<>();
    paths.forEach(path -> tensors.add(read(spec, path, n)));
    float[] gamma = norm.scale() ? tensors.get(0).data() : null;
    float[] beta = norm.center() ? tensors.get(norm.scale() ? 1 : 0).data() : null;
    Layer layer;
    if (ofBatch) {
      String path = paths.get(count - 1);
      float[] mean = tensors.get(count - 2).data();
      float[] variance = tensors.get(count - 1).data();
      for (float each : variance) {
        if (each < 0) {
          throw weights.invalid(path, "expected variances from 0, found " + each);
        }
      }
      ScaleShift ofStatistics = ScaleShift.ofBatchNorm(mean, variance, norm.epsilon(), gamma, beta);
      if (!ofStatistics.isFinite()) {
        throw weights.invalid(
            path, "expected variances whose quotients are finite float32 numbers");
      }
      layer = ofStatistics;
    } else {
      layer = new LayerNorm(n, norm.type() == NormType.LAYER, norm.epsilon(), gamma, beta);
    }
    part(layer.type(), "", layer, tensors.toArray(Tensor[]::new));
    return layer;
  }

  /** The kernel of Keras is [taps × in × out]. */
  private Layer conv(LayerSpec spec, LayerSpec.Conv conv, int size) {
    List<String> paths = expectPaths(spec, conv.useBias() ? 2 : 1);
    int[] shape = weights.shape(paths.get(0));
    int taps = conv.taps();
    int out = conv.filters();
    int in = inputs(size, shape, 1);
    if (in == 0) {
      throw invalid(spec, "expected at least one input, found none");
    }
    long state = CausalConvolution.stateSize(out, in, taps, conv.dilation());
    if (state > CausalConvolution.MAX_STATE) {
      throw invalid(
          spec,
          "expected at most " + CausalConvolution.MAX_STATE + " numbers of state, found " + state);
    }
    Tensor w = read(spec, paths.get(0), taps, in, out);
    Tensor bias = conv.useBias() ? read(spec, paths.get(1), out) : null;
    float[] turned = new float[w.data().length]; // [out × in × taps]
    for (int j = 0; j < taps; j++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          turned[(o * in + i) * taps + j] = w.data()[(j * in + i) * out + o];
        }
      }
    }
    float[] b = bias == null ? null : bias.data();
    Layer layer = new CausalConvolution(turned, out, in, taps, conv.dilation(), b, kernel);
    part(layer.type(), ", then " + conv.act().name(), layer, w, bias);
    return layer;
  }

  List<String> expectPaths(LayerSpec spec, int count) {
    List<String> paths = weights.paths(spec);
    if (paths.size() != count) {
      throw expected(spec, count, paths);
    }
    return paths;
  }

  InvalidFileException expected(LayerSpec spec, int count, List<String> paths) {
    return invalid(spec, "expected " + count + " weights, found " + paths.size() + ": " + paths);
  }

  Tensor read(LayerSpec spec, String path, int... shape) {
    return weights.read(path, spec.source(), shape);
  }

  void part(String name, String how, Layer layer, Tensor... tensors) {
    List<String> from = new ArrayList<>();
    long numbers = 0;
    for (Tensor tensor : tensors) {
      from.add(tensor == null ? "no bias" : tensor.toString());
      numbers += tensor == null ? 0 : tensor.data().length;
    }
    parts.add(new Part(name, String.join(", ", from) + how, layer, numbers));
  }

  InvalidFileException invalidAt(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }

  InvalidFileException invalid(LayerSpec spec, String problem) {
    return new InvalidFileException(file, spec.place(), problem);
  }
}
