package io.github.flinkrnn.operator;

import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.FileUtils;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * A token through the operator in Flink's test harness: one thread, state on the heap, no source
 * and no network. The difference between the two functions is the recurrence; what they have in
 * common is Flink.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Dflink-rnn.kernel=simd"})
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class HarnessBenchmark {
  private static final int FEATURE_VECTORS = 1024;
  private static final int PREDICTIONS_KEPT = 1000; // the harness keeps all of them

  @Param({"noop", "ours"})
  String function;

  @Param({"RNN 64/32", "LSTM 64/32"})
  String network;

  /**
   * Numbers of keys whose states fit into the first-level caches beside the weights, and do not
   * fit.
   */
  @Param({"100", "10000"})
  int keys;

  private Path directory;
  private KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink;
  private String[] names;
  private float[][] features;
  private int token;

  @Setup(Level.Trial)
  public void open() throws Exception {
    NetworkSize size = NetworkSize.named(network);
    directory = Files.createTempDirectory("flink-rnn-bench-");
    KeyedProcessFunction<String, Token, Prediction> computes =
        function.equals("ours")
            ? RnnFunction.of(new SeededNetwork(size, 1).writeModel(directory).toUri().toString())
                .withFields(OutputField.PREDICTION)
            : new IdentityFunction(size.stateSize(), NetworkSize.OUTPUTS);
    flink =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(computes), Token::key, Types.STRING);
    flink.open();
    names = new String[keys];
    for (int i = 0; i < keys; i++) {
      names[i] = "key-" + i;
    }
    features = SeededNetwork.features(FEATURE_VECTORS, size.input(), 7);
  }

  @TearDown(Level.Trial)
  public void close() throws Exception {
    flink.close();
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }

  @Benchmark
  public void token() throws Exception {
    int now = ++token & Integer.MAX_VALUE;
    flink.processElement(
        new StreamRecord<>(Token.of(names[now % keys], features[now % FEATURE_VECTORS])));
    if (now % PREDICTIONS_KEPT == 0) {
      flink.getOutput().clear();
    }
  }
}
