package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.layer.DocumentedCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A GRU or LSTM with seeded weights in PyTorch's names and layout. Computes the steps in double
 * precision, from the weights as the number format of the file rounds them.
 */
final class GatedNetwork {
  /**
   * @param type gru or lstm
   * @param projection PyTorch's proj_size; 0 for none
   */
  record Sizes(String type, int nX, int n, int projection, int layers, int nY, boolean bias) {
    int gates() {
      return type.equals("gru") ? 3 : 4;
    }

    /** The length of the output of a layer. */
    int nA() {
      return projection == 0 ? n : projection;
    }

    /** The length of the cell state of a layer. */
    int nC() {
      return type.equals("gru") ? 0 : n;
    }

    int stateSize() {
      return layers * (nA() + nC());
    }
  }

  private final Sizes sizes;
  private final WeightFormat format;
  private final Random random;
  private final SafeTensorsFile file = new SafeTensorsFile();
  private final List<DocumentedCell> cells = new ArrayList<>();
  private final double[][] headWeights;
  private final double[] headBias;

  /**
   * @param factor a factor on the weights of the recurrent layers; 1 for PyTorch's initial weights
   */
  GatedNetwork(Sizes sizes, WeightFormat format, double factor, long seed) {
    this.sizes = sizes;
    this.format = format;
    this.random = new Random(seed);
    double scale = 1 / Math.sqrt(sizes.n());
    int rows = sizes.gates() * sizes.n();
    for (int l = 0; l < sizes.layers(); l++) {
      double s = scale * factor;
      double[][] ih = matrix("rnn.weight_ih_l" + l, s, rows, l == 0 ? sizes.nX() : sizes.nA());
      double[][] hh = matrix("rnn.weight_hh_l" + l, s, rows, sizes.nA());
      double[] bih = sizes.bias() ? vector("rnn.bias_ih_l" + l, s, rows) : null;
      double[] bhh = sizes.bias() ? vector("rnn.bias_hh_l" + l, s, rows) : null;
      boolean projected = sizes.projection() > 0;
      double[][] hr =
          projected ? matrix("rnn.weight_hr_l" + l, scale, sizes.nA(), sizes.n()) : null;
      cells.add(new DocumentedCell(ih, hh, bih, bhh, hr));
    }
    headWeights = matrix("fc.weight", scale, sizes.nY(), sizes.nA());
    headBias = sizes.bias() ? vector("fc.bias", scale, sizes.nY()) : new double[sizes.nY()];
  }

  private double[] vector(String name, double scale, int length) {
    double[] numbers = numbers(scale, length);
    format.add(file, name, new int[] {length}, numbers);
    return numbers;
  }

  private double[][] matrix(String name, double scale, int rows, int columns) {
    double[] numbers = numbers(scale, rows * columns);
    format.add(file, name, new int[] {rows, columns}, numbers);
    double[][] matrix = new double[rows][];
    for (int row = 0; row < rows; row++) {
      matrix[row] = Arrays.copyOfRange(numbers, row * columns, (row + 1) * columns);
    }
    return matrix;
  }

  private double[] numbers(double scale, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = format.rounded(scale * (2 * random.nextDouble() - 1));
    }
    return numbers;
  }

  SafeTensorsFile file() {
    return file;
  }

  /** The state after a step, [stateSize]: for each layer, its h and then its c. */
  double[] step(double[] x, double[] state) {
    double[] next = new double[sizes.stateSize()];
    double[] below = x;
    int at = 0;
    for (DocumentedCell cell : cells) {
      double[] h = Arrays.copyOfRange(state, at, at + sizes.nA());
      double[] c = Arrays.copyOfRange(state, at + h.length, at + h.length + sizes.nC());
      DocumentedCell.After after =
          sizes.nC() == 0
              ? new DocumentedCell.After(cell.gru(below, h, true), c)
              : cell.lstm(below, h, c);
      System.arraycopy(after.h(), 0, next, at, h.length);
      System.arraycopy(after.c(), 0, next, at + h.length, c.length);
      at += h.length + c.length;
      below = after.h();
    }
    return next;
  }

  /** The h of the top layer in a state. */
  double[] hidden(double[] state) {
    int at = state.length - sizes.nA() - sizes.nC();
    return Arrays.copyOfRange(state, at, at + sizes.nA());
  }

  double[] logits(double[] state) {
    double[] z = DocumentedCell.product(headWeights, hidden(state));
    for (int i = 0; i < z.length; i++) {
      z[i] += headBias[i];
    }
    return z;
  }
}
