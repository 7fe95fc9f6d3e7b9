package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.machine.VectorLoops;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;
import org.ejml.data.FMatrixRMaj;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where the time of a step goes: each part of it separately, again and again, and the complete
 * step. For comparison, a plain loop reads as many numbers as the products have weights, and only
 * adds them. Products that take no longer than this are limited by reading.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Dflink-rnn.kernel=simd"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class StageBenchmark {
  @Param({
    "RNN 64/32",
    "GRU 64/32",
    "LSTM 64/32",
    "LSTM 128/64",
    "GRU 128/64 two layers",
    "LSTM 256/128",
    "LSTM 512/256 two layers",
    "LSTM 1024/512"
  })
  String network;

  private final Random random = new Random(1);
  private final Kernel kernel = Kernel.best();
  private final VectorLoops loops = VectorLoops.ofThisJvm().orElseThrow();
  private final List<Layer> layers = new ArrayList<>();
  private NetworkSize size;
  private Affine head;
  private float[] a;
  private float[] logits;
  private float[] weights;
  private Path directory;
  private OurStep whole;
  private float[] x;

  @Setup
  public void load() throws IOException {
    size = NetworkSize.named(network);
    int count = 0;
    for (int l = 0; l < size.layers(); l++) {
      Layer layer = new Layer(size.inputs(l));
      layers.add(layer);
      count += layer.weights();
    }
    weights = numbers(count);
    head = affine(NetworkSize.OUTPUTS, size.hidden());
    a = numbers(size.hidden());
    logits = new float[NetworkSize.OUTPUTS];
    directory = Files.createTempDirectory("flink-rnn-bench-");
    whole = new OurStep(RnnModel.load(new SeededNetwork(size, 1).writeModel(directory)));
    x = numbers(size.input());
  }

  @TearDown
  public void delete() {
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }

  /** The complete step, as {@code RnnFunction} computes it. */
  @Benchmark
  public float[] step() {
    return whole.step(x);
  }

  /** The products of x and of a in all layers, without the head. */
  @Benchmark
  public List<Layer> products() {
    layers.forEach(Layer::products);
    return layers;
  }

  /** Only the sum of as many numbers. */
  @Benchmark
  public float reading() {
    return loops.sum(weights);
  }

  /** The tanh and σ of all layers, and the computation between them. */
  @Benchmark
  public List<Layer> curves() {
    layers.forEach(Layer::curves);
    return layers;
  }

  @Benchmark
  public float[] head() {
    head.apply(a, logits);
    return logits;
  }

  @Benchmark
  public float[] softmax() {
    return OutputActivation.SOFTMAX.apply(logits);
  }

  private Affine affine(int rows, int columns) {
    return kernel.affine(FMatrixRMaj.wrap(rows, columns, numbers(rows * columns)), new float[rows]);
  }

  private float[] numbers(int count) {
    float scale = (float) (1 / Math.sqrt(size.hidden()));
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = scale * (2 * random.nextFloat() - 1);
    }
    return numbers;
  }

  /** The parts of one layer's step, in the order of the step, each on existing arrays. */
  final class Layer {
    private final int n = size.hidden();
    private final int gates = size.gates();
    private final float[] input;
    private final float[] previous = numbers(2 * n);
    private final float[] next = new float[2 * n];
    private final float[] fromX = new float[gates * n];
    private final float[] sums = new float[gates * n];
    private final float[] opened = new float[gates * n];
    private final Affine ofX;
    private final Affine ofA;
    private final Affine candidateOfA; // for a GRU, where r is between the products

    private Layer(int inputs) {
      input = numbers(inputs);
      ofX = affine(gates * n, inputs);
      boolean isGru = size.type().equals("gru");
      ofA = affine((isGru ? 2 : gates) * n, n);
      candidateOfA = isGru ? affine(n, n) : null;
    }

    private int weights() {
      return gates * n * (input.length + n);
    }

    private void products() {
      ofX.apply(input, fromX);
      ofA.applyFrom(fromX, 0, previous, 0, sums, 0);
      if (candidateOfA != null) {
        candidateOfA.apply(previous, 0, sums, 2 * n);
      }
    }

    private void curves() {
      switch (size.type()) {
        case "rnn" -> kernel.tanh(sums, 0, next, 0, n);
        case "gru" -> {
          kernel.sigmoid(sums, 0, opened, 0, 2 * n);
          kernel.gru(opened, n, previous, previous, next, 0, n);
        }
        default -> {
          kernel.sigmoid(sums, 0, opened, 0, 3 * n);
          kernel.tanh(sums, 3 * n, opened, 3 * n, n);
          kernel.lstm(opened, previous, next, n, next, 0, n);
        }
      }
    }
  }
}
