package io.github.flinkrnn.network;

import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The first 2,000 steps of an LSTM 64/32 in a new JVM: the time that a job needs after its start.
 * With {@code -jvmArgsAppend -Dflink-rnn.kernel=simd}, without scalars at first.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 7,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector"})
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class FirstStepsBenchmark {
  private static final int STEPS = 2_000;

  private Path directory;
  private OurStep step;
  private float[][] tokens;

  @Setup
  public void load() throws IOException {
    NetworkSize size = new NetworkSize("lstm", 64, 32, 1);
    directory = Files.createTempDirectory("flink-rnn-bench-");
    step = new OurStep(RnnModel.load(new SeededNetwork(size, 1).writeModel(directory)));
    tokens = SeededNetwork.features(64, size.input(), 7);
  }

  @TearDown
  public void delete() {
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }

  @Benchmark
  public float steps() {
    float kept = 0;
    for (int i = 0; i < STEPS; i++) {
      kept += step.step(tokens[i % tokens.length])[0];
    }
    return kept;
  }
}
