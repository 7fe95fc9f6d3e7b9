package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A network with seeded weights in PyTorch's names, computed in double precision exactly as the
 * equation is written. It is the oracle for sizes without a reference case.
 */
final class RandomNetwork {
  /** The sizes of a network. If {@code words} is 0, there is no embedding. */
  record Sizes(int words, int nX, int nA, int layers, int nY, boolean bias) {}

  private final Sizes sizes;
  private final SafeTensorsFile file = new SafeTensorsFile();
  private final Map<String, double[]> tensors = new LinkedHashMap<>();

  RandomNetwork(Sizes sizes, WeightFormat format, long seed) {
    this.sizes = sizes;
    Random random = new Random(seed);
    double scale = 1 / Math.sqrt(sizes.nA()); // PyTorch's for a new network
    if (sizes.words() > 0) {
      add("embedding.weight", format, random, 1, sizes.words(), sizes.nX());
    }
    for (int l = 0; l < sizes.layers(); l++) {
      add("rnn.weight_ih_l" + l, format, random, scale, sizes.nA(), inputs(l));
      add("rnn.weight_hh_l" + l, format, random, scale, sizes.nA(), sizes.nA());
      if (sizes.bias()) {
        add("rnn.bias_ih_l" + l, format, random, scale, sizes.nA());
        add("rnn.bias_hh_l" + l, format, random, scale, sizes.nA());
      }
    }
    add("fc.weight", format, random, scale, sizes.nY(), sizes.nA());
    if (sizes.bias()) {
      add("fc.bias", format, random, scale, sizes.nY());
    }
  }

  private void add(String name, WeightFormat format, Random random, double scale, int... shape) {
    double[] numbers = new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = format.rounded(scale * (2 * random.nextDouble() - 1));
    }
    tensors.put(name, numbers);
    format.add(file, name, shape, numbers);
  }

  private int inputs(int layer) {
    return layer == 0 ? sizes.nX() : sizes.nA();
  }

  SafeTensorsFile file() {
    return file;
  }

  double[] embedding(int word) {
    int nX = sizes.nX();
    return Arrays.copyOfRange(tensors.get("embedding.weight"), word * nX, (word + 1) * nX);
  }

  /**
   * h = g(W_ih x + b_ih + W_hh h + b_hh) in each layer. {@code h} is [layers][n_a] and is replaced.
   */
  void step(boolean relu, double[] x, double[][] h) {
    double[] below = x;
    for (int l = 0; l < sizes.layers(); l++) {
      double[] next = new double[sizes.nA()];
      for (int i = 0; i < next.length; i++) {
        double z =
            row("rnn.weight_ih_l" + l, i, below)
                + bias("rnn.bias_ih_l" + l, i)
                + row("rnn.weight_hh_l" + l, i, h[l])
                + bias("rnn.bias_hh_l" + l, i);
        next[i] = relu ? Math.max(0, z) : Math.tanh(z);
      }
      h[l] = next;
      below = next;
    }
  }

  double[] logits(double[] hidden) {
    double[] z = new double[sizes.nY()];
    for (int i = 0; i < z.length; i++) {
      z[i] = row("fc.weight", i, hidden) + bias("fc.bias", i);
    }
    return z;
  }

  private double row(String weights, int row, double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += tensors.get(weights)[row * x.length + i] * x[i];
    }
    return sum;
  }

  private double bias(String name, int i) {
    return sizes.bias() ? tensors.get(name)[i] : 0;
  }
}
