package io.github.flinkrnn.kernel;

import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Products and curves with vectors, without them, and with EJML (whose curves are those of
 * StrictMath).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
  @Param({"best", "portable", "ejml"})
  String kernel;

  /** Rows × columns. The curves have as many numbers as rows. */
  @Param({"64x96", "256x96", "512x192", "1024x384"})
  String size;

  private Kernel computes;
  private Affine product;
  private float[] x;
  private float[] y;
  private float[] z;

  @Setup
  public void fill() {
    computes =
        switch (kernel) {
          case "best" -> Kernel.best();
          case "portable" -> new PortableKernel();
          default -> new EjmlKernel();
        };
    int rows = Integer.parseInt(size.substring(0, size.indexOf('x')));
    int columns = Integer.parseInt(size.substring(size.indexOf('x') + 1));
    Random random = new Random(1);
    FMatrixRMaj matrix = new FMatrixRMaj(rows, columns);
    for (int i = 0; i < matrix.data.length; i++) {
      matrix.data[i] = (float) random.nextGaussian();
    }
    x = new float[columns];
    for (int i = 0; i < columns; i++) {
      x[i] = (float) random.nextGaussian();
    }
    product = computes.affine(matrix, null);
    y = new float[rows];
    z = new float[rows];
    product.apply(x, z);
    float[] portable = new float[rows];
    new PortableKernel().affine(matrix, null).apply(x, portable);
    for (int row = 0; row < rows; row++) {
      if (Math.abs(z[row] - portable[row]) > 1e-4f) {
        throw new IllegalStateException("row " + row + ": " + z[row] + ", " + portable[row]);
      }
    }
  }

  @Benchmark
  public float[] product() {
    product.apply(x, y);
    return y;
  }

  @Benchmark
  public float[] tanh() {
    computes.tanh(z, 0, y, 0, y.length);
    return y;
  }

  @Benchmark
  public float[] sigmoid() {
    computes.sigmoid(z, 0, y, 0, y.length);
    return y;
  }
}
