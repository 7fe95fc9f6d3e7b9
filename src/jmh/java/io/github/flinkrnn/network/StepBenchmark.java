package io.github.flinkrnn.network;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;
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
 * A step and its logits, into arrays of the caller. With {@code -prof gc}, it shows what a step
 * allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StepBenchmark {
  @Param({"rnn", "gru", "lstm"})
  String cell;

  private Path directory;
  private RnnStepper stepper;
  private float[] x;
  private float[] now;
  private float[] next;
  private float[] logits;

  @Setup
  public void load() throws IOException {
    NetworkSize size = new NetworkSize(cell, 64, 32, 1);
    directory = Files.createTempDirectory("flink-rnn-bench-");
    RnnModel model = RnnModel.load(new SeededNetwork(size, 1).writeModel(directory));
    stepper = model.stepper();
    now = model.initialState();
    next = model.initialState();
    logits = new float[model.outputSize()];
    x = new float[size.input()];
    Random random = new Random(2);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
  }

  @TearDown
  public void delete() {
    stepper.close();
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }

  @Benchmark
  public float[] step() {
    stepper.step(x, now, next);
    stepper.logits(next, logits);
    float[] before = now;
    now = next;
    next = before;
    return logits;
  }
}
