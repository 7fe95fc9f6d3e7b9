package io.github.flinkrnn.network;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The weights of a network in PyTorch's names and layout, uniform like PyTorch's for a new network.
 */
public final class SeededNetwork {
  private final NetworkSize size;
  private final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();

  public SeededNetwork(NetworkSize size, long seed) {
    this.size = size;
    Random random = new Random(seed);
    int rows = size.gates() * size.hidden();
    for (int l = 0; l < size.layers(); l++) {
      add("rnn.weight_ih_l" + l, random, rows, size.inputs(l));
      add("rnn.weight_hh_l" + l, random, rows, size.hidden());
      add("rnn.bias_ih_l" + l, random, rows);
      add("rnn.bias_hh_l" + l, random, rows);
    }
    add("fc.weight", random, NetworkSize.OUTPUTS, size.hidden());
    add("fc.bias", random, NetworkSize.OUTPUTS);
  }

  private void add(String name, Random random, int... shape) {
    int length = 1;
    for (int dimension : shape) {
      length *= dimension;
    }
    float scale = (float) (1 / Math.sqrt(size.hidden()));
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = scale * (2 * random.nextFloat() - 1);
    }
    tensors.put(name, numbers);
    shapes.put(name, shape);
  }

  public NetworkSize size() {
    return size;
  }

  float[] tensor(String name) {
    return tensors.get(name);
  }

  /** Writes the model directory for flink-rnn. */
  public Path writeModel(Path directory) throws IOException {
    return write(directory, safetensors());
  }

  /**
   * Writes the model directory of the bidirectional network with this one in its first direction.
   * It has one layer.
   */
  public Path writeBidirectional(Path directory) throws IOException {
    SeededNetwork reverse = new SeededNetwork(size, ~size.hidden());
    SafeTensorsFile file = new SafeTensorsFile();
    tensors.forEach(
        (name, numbers) -> {
          float[] other = reverse.tensor(name);
          if (name.startsWith("rnn.")) {
            file.f32(name, shapes.get(name), numbers);
            file.f32(name + "_reverse", shapes.get(name), other);
          } else if (name.equals("fc.weight")) {
            int n = size.hidden();
            float[] wide = new float[2 * numbers.length];
            for (int row = 0; row < NetworkSize.OUTPUTS; row++) {
              System.arraycopy(numbers, row * n, wide, 2 * row * n, n);
              System.arraycopy(other, row * n, wide, (2 * row + 1) * n, n);
            }
            file.f32(name, new int[] {NetworkSize.OUTPUTS, 2 * n}, wide);
          } else {
            file.f32(name, shapes.get(name), numbers);
          }
        });
    return write(directory, file);
  }

  /** The same with weights of BF16, rounded toward zero. */
  public Path writeNarrowModel(Path directory) throws IOException {
    SafeTensorsFile file = new SafeTensorsFile();
    tensors.forEach(
        (name, numbers) -> {
          short[] patterns = new short[numbers.length];
          for (int i = 0; i < patterns.length; i++) {
            patterns[i] = (short) (Float.floatToRawIntBits(numbers[i]) >>> 16);
          }
          file.bits16(name, "BF16", shapes.get(name), patterns);
        });
    return write(directory, file);
  }

  private static Path write(Path directory, SafeTensorsFile weights) throws IOException {
    Files.createDirectories(directory);
    weights.write(directory.resolve("model.safetensors"));
    Files.writeString(directory.resolve("config.json"), "{\"input\":{\"type\":\"features\"}}\n");
    return directory;
  }

  /** The weights as a file for flink-rnn. */
  SafeTensorsFile safetensors() {
    SafeTensorsFile file = new SafeTensorsFile();
    tensors.forEach((name, numbers) -> file.f32(name, shapes.get(name), numbers));
    return file;
  }

  /** The bytes of the step graph for ONNX Runtime, for one key at a time. */
  public byte[] onnx() {
    return new StepGraph(this, 1).bytes();
  }

  /** The same for any number of keys at a time. */
  public byte[] onnxOfBatches() {
    return new StepGraph(this, GraphBytes.BATCH).bytes();
  }

  /** A step graph of matrix products, for any number of keys at a time. */
  public byte[] onnxOfProducts() {
    return new CellGraph(this).bytes();
  }

  /** The features of this many tokens, each [n_x], between -1 and 1. */
  public static float[][] features(int tokens, int nX, long seed) {
    Random random = new Random(seed);
    float[][] features = new float[tokens][nX];
    for (float[] x : features) {
      for (int i = 0; i < nX; i++) {
        x[i] = 2 * random.nextFloat() - 1;
      }
    }
    return features;
  }
}
