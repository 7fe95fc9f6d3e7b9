package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.LstmCell;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.ejml.data.FMatrixRMaj;

/**
 * The tensors of one layer in PyTorch's layout: {@code weight_ih} [G n × n_x] and {@code weight_hh}
 * [G n × n_a] with the rows of the gates one below the other, {@code bias_ih} and {@code bias_hh}
 * [G n] or neither, and {@code weight_hr} [n_a × n] with a projection. The number of gates G
 * determines the cell: 1 for nn.RNN, 3 for nn.GRU (r, z, n), 4 for nn.LSTM (i, f, g, o).
 *
 * @param biasIh null without biases
 * @param biasHh null without biases
 * @param hr null without a projection
 * @param backward the tensors of the cell that reads from the last token on; null for one direction
 */
record LayerTensors(
    String file,
    Tensor ih,
    Tensor hh,
    Tensor biasIh,
    Tensor biasHh,
    Tensor hr,
    LayerTensors backward) {

  /** The suffix of the tensors of the backward cell. */
  static final String REVERSE = "_reverse";

  /** The same layer with a backward cell, whose tensors have the shapes of these. */
  LayerTensors with(LayerTensors backwardCell) {
    return new LayerTensors(file, ih, hh, biasIh, biasHh, hr, backwardCell);
  }

  /** All tensors, in the order of a state_dict. */
  List<Tensor> tensors() {
    Stream<Tensor> own = Stream.of(ih, hh, biasIh, biasHh, hr).filter(Objects::nonNull);
    return backward == null
        ? own.toList()
        : Stream.concat(own, backward.tensors().stream()).toList();
  }

  int inputSize() {
    return ih.columns();
  }

  /** Length of a&lt;t&gt;, for two directions the sum of both. */
  int outputSize() {
    return hh.columns() + (backward == null ? 0 : backward.outputSize());
  }

  /** Checks the shapes and creates the layer. */
  Layer layer(NetworkConfig config, Kernel kernel) {
    Layer forward = cell(config, kernel);
    if (backward == null) {
      return forward;
    }
    return new Bidirectional(forward, backward.cell(config, kernel), Join.CONCATENATE, false);
  }

  private Layer cell(NetworkConfig config, Kernel kernel) {
    int nA = hh.columns();
    int n = hr == null ? nA : hr.columns();
    if (n == 0) {
      throw invalid(hh, "expected at least one unit");
    }
    int gates = hh.rows() / n;
    boolean whole = gates > 0 && hh.rows() == gates * n;
    if (!whole || (gates != 1 && gates != 3 && gates != 4)) {
      String rows = nA + " × " + nA + "] (rnn), [" + 3 * nA + " × " + nA + "] (gru) or [";
      throw invalid(hh, "expected [" + rows + 4 * nA + " × " + nA + "] (lstm)");
    }
    String type = gates == 1 ? "rnn" : gates == 3 ? "gru" : "lstm";
    if (!config.type().orElse(type).equals(type)) {
      String asked = config.type().get();
      throw problem(
          hh,
          "expected model_type " + asked + " as in config.json, found " + type + ": " + shape(hh));
    }
    if (hr != null && gates != 4) {
      throw invalid(hr, "expected no projection in model_type " + type);
    }
    expect(hh, gates * n, nA);
    if (ih.rows() != gates * n || ih.columns() == 0) {
      throw invalid(ih, "expected [" + gates * n + " × inputs]");
    }
    if (biasIh != null) {
      expect(biasIh, gates * n);
      expect(biasHh, gates * n);
    }
    if (hr != null) {
      expect(hr, nA, n);
    }
    return switch (gates) {
      case 1 -> elman(config, kernel);
      case 3 -> gru(config, kernel);
      default -> lstm(config, kernel);
    };
  }

  private Layer elman(NetworkConfig config, Kernel kernel) {
    Activation g = config.nonlinearity().orElse(Activation.TANH);
    return new ElmanCell(g, hh.matrix(), ih.matrix(), biasSum(), kernel);
  }

  private Layer gru(NetworkConfig config, Kernel kernel) {
    refuseNonlinearity(config, "gru");
    return new GruCell(
        ih.matrix(),
        hh.matrix(),
        biasIh == null ? null : biasIh.data(),
        biasHh == null ? null : biasHh.data(),
        Activation.SIGMOID,
        Activation.TANH,
        true,
        kernel);
  }

  private Layer lstm(NetworkConfig config, Kernel kernel) {
    refuseNonlinearity(config, "lstm");
    FMatrixRMaj wr = hr == null ? null : hr.matrix();
    return new LstmCell(
        hh.matrix(), ih.matrix(), biasSum(), wr, Activation.SIGMOID, Activation.TANH, kernel);
  }

  private static void refuseNonlinearity(NetworkConfig config, String type) {
    if (config.nonlinearity().isPresent()) {
      throw new InvalidFileException(
          config.file(),
          "nonlinearity",
          "expected only with model_type rnn, found weights of model_type " + type);
    }
  }

  private float[] biasSum() {
    if (biasIh == null) {
      return null;
    }
    float[] sum = biasIh.data().clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += biasHh.data()[i];
      if (!Float.isFinite(sum[i])) {
        throw problem(
            biasHh, "expected finite float32 sums with " + biasIh.name() + ", found " + sum[i]);
      }
    }
    return sum;
  }

  private void expect(Tensor tensor, int... shape) {
    if (!tensor.hasShape(shape) || tensor.data().length == 0) {
      throw invalid(tensor, "expected " + Tensor.shapeText(shape));
    }
  }

  private InvalidFileException invalid(Tensor tensor, String expected) {
    return problem(tensor, expected + ", found " + shape(tensor));
  }

  private InvalidFileException problem(Tensor tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor.name() + "'", problem);
  }

  private static String shape(Tensor tensor) {
    return Tensor.shapeText(tensor.shape());
  }
}
