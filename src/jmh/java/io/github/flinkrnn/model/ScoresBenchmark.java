package io.github.flinkrnn.model;

import io.github.flinkrnn.network.OutputActivation;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * The cost of {@code top_k} in addition to the softmax that it selects from: the k largest of many
 * outputs, in random order and in the worst order, where each number is larger than all before it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Dflink-rnn.kernel=simd"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScoresBenchmark {
  @Param({"100", "30000"})
  int outputs;

  @Param({"3", "100", "10000"})
  int k;

  @Param({"random", "ascending"})
  String order;

  private float[] logits;

  @Setup
  public void fill() {
    Random random = new Random(1);
    logits = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      logits[i] = (float) random.nextGaussian();
    }
    if (order.equals("ascending")) {
      Arrays.sort(logits);
    }
  }

  @Benchmark
  public float[] softmax() {
    return OutputActivation.SOFTMAX.apply(logits);
  }

  @Benchmark
  public int[] largest() {
    return Scores.largestAt(logits, Math.min(k, outputs));
  }
}
