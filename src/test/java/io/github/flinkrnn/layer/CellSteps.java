package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Kernel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;

/** Every kind of cell with seeded weights, and some steps of it, some of them saturated. */
public final class CellSteps {
  private static final int STEPS = 5;

  private final Random random;
  private final Kernel kernel;
  private final int units;
  private final int inputs;

  private final boolean narrow;

  private CellSteps(Kernel kernel, int units, int inputs, boolean narrow) {
    this.narrow = narrow;
    this.random = new Random(31 * units + inputs);
    this.kernel = kernel;
    this.units = units;
    this.inputs = inputs;
  }

  private float[] numbers(int length, double scale) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) (random.nextGaussian() * scale);
    }
    return numbers;
  }

  private FMatrixRMaj matrix(int rows, int columns) {
    float[] weights = numbers(rows * columns, 2 / Math.sqrt(columns));
    for (int i = 0; narrow && i < weights.length; i++) {
      weights[i] = Float.intBitsToFloat(Float.floatToRawIntBits(weights[i]) & 0xffff0000);
    }
    return FMatrixRMaj.wrap(rows, columns, weights);
  }

  static Map<String, Layer> cells(Kernel kernel, int units, int inputs) {
    return cells(kernel, units, inputs, false);
  }

  /** The same cells; if {@code narrow}, with weights that fit in 16 bits. */
  static Map<String, Layer> cells(Kernel kernel, int units, int inputs, boolean narrow) {
    return new CellSteps(kernel, units, inputs, narrow).cells();
  }

  private Map<String, Layer> cells() {
    Map<String, Layer> cells = new LinkedHashMap<>();
    for (Activation g : Activation.values()) {
      FMatrixRMaj waa = matrix(units, units);
      cells.put(
          "rnn " + g, new ElmanCell(g, waa, matrix(units, inputs), numbers(units, 1), kernel));
    }
    for (boolean after : new boolean[] {true, false}) {
      cells.put("gru " + after, gru(after, Activation.SIGMOID, Activation.TANH, true));
      cells.put(
          "gru hard " + after, gru(after, Activation.HARD_SIGMOID_SIXTH, Activation.RELU, true));
      cells.put("gru no bias " + after, gru(after, Activation.SIGMOID, Activation.TANH, false));
    }
    cells.put("lstm", lstm(units, null, Activation.SIGMOID, Activation.TANH));
    cells.put("lstm hard", lstm(units, null, Activation.HARD_SIGMOID_FIFTH, Activation.RELU));
    int projected = Math.max(1, units / 2);
    FMatrixRMaj wr = matrix(projected, units);
    cells.put("lstm projected", lstm(projected, wr, Activation.SIGMOID, Activation.TANH));
    return cells;
  }

  private GruCell gru(boolean after, Activation gate, Activation g, boolean biased) {
    float[] bx = biased ? numbers(3 * units, 1) : null;
    float[] ba = biased ? numbers(3 * units, 1) : null;
    FMatrixRMaj wx = matrix(3 * units, inputs);
    return new GruCell(wx, matrix(3 * units, units), bx, ba, gate, g, after, kernel);
  }

  private LstmCell lstm(int outputs, FMatrixRMaj wr, Activation gate, Activation phi) {
    FMatrixRMaj wa = matrix(4 * units, outputs);
    FMatrixRMaj wx = matrix(4 * units, inputs);
    return new LstmCell(wa, wx, numbers(4 * units, 1), wr, gate, phi, kernel);
  }

  /**
   * The states of some successive steps. With {@code given}, each step starts from precomputed
   * input products, as with a table.
   */
  static float[] steps(Layer cell, boolean given) {
    return steps(cell, given, 5);
  }

  private static float[] steps(Layer cell, boolean given, int seed) {
    Random random = new Random(seed);
    Layer.Stepper stepper = cell.stepper();
    int size = cell.stateSize();
    int offset = 3; // as in a layer above others
    float[] all = new float[STEPS * size];
    float[] previous = new float[offset + size];
    for (int t = 0; t < STEPS; t++) {
      float[] x = new float[cell.inputSize() + 2];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian() * (t == 3 ? 50 : 1);
      }
      float[] next = new float[offset + size];
      if (given) {
        float[] sums = new float[cell.ofInput().rows() + 1];
        cell.ofInput().apply(x, 2, sums, 1);
        stepper.stepFrom(sums, 1, previous, next, offset, next, offset);
      } else {
        stepper.step(x, 2, previous, next, offset);
      }
      System.arraycopy(next, offset, all, t * size, size);
      previous = next;
    }
    return all;
  }

  /** The same for several sequences, each computed separately. */
  static float[][] separate(Layer cell, int sequences) {
    float[][] all = new float[sequences][];
    for (int s = 0; s < sequences; s++) {
      all[s] = steps(cell, false, 5 + s);
    }
    return all;
  }

  /** The same, computed together. */
  static float[][] together(Layer cell, boolean given, int sequences) {
    Layer.Stepper stepper = cell.stepper();
    int size = cell.stateSize();
    int offset = 3;
    float[][] all = new float[sequences][STEPS * size];
    Random[] random = new Random[sequences];
    float[][] previous = new float[sequences][];
    Arrays.fill(previous, new float[offset + size]); // the same array for all at first
    for (int t = 0; t < STEPS; t++) {
      float[][] x = new float[sequences][cell.inputSize() + 2];
      for (int s = 0; s < sequences; s++) {
        random[s] = t == 0 ? new Random(5 + s) : random[s];
        for (int i = 0; i < x[s].length; i++) {
          x[s][i] = (float) random[s].nextGaussian() * (t == 3 ? 50 : 1);
        }
      }
      float[][] next = new float[sequences][offset + size];
      if (given) {
        float[][] sums = new float[sequences][cell.ofInput().rows() + 1];
        cell.ofInput().applyEach(sequences, x, 2, sums, 1);
        stepper.stepEachFrom(sequences, sums, 1, previous, next, offset, next, offset);
      } else {
        stepper.stepEach(sequences, x, 2, previous, next, offset, next, offset);
      }
      for (int s = 0; s < sequences; s++) {
        System.arraycopy(next[s], offset, all[s], t * size, size);
      }
      previous = next;
    }
    return all;
  }

  /** The states of some steps of all cells, of one sequence and of several together. */
  public static float[] all(Kernel kernel, int units, int inputs, boolean narrow) {
    float[] all = new float[0];
    for (Layer cell : cells(kernel, units, inputs, narrow).values()) {
      all = joined(all, steps(cell, false));
      for (float[] steps : together(cell, false, 7)) {
        all = joined(all, steps);
      }
    }
    return all;
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
