package io.github.flinkrnn.operator;

import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens of one key that wait, at most 1,000, through the operator in Flink's test harness. With
 * gaps, no number follows the previous one, and each of 19,000 tokens causes the first to be taken.
 * With times, there is no watermark before the last. For comparison, there are tokens in arrival
 * order, and numbers in order, of which none waits.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 3)
public class WaitingBenchmark {
  static final int TOKENS = 20_000;

  @Param({"hashmap", "rocksdb"})
  String backend;

  @Param({"arrival", "in-order", "gaps", "times", "one-time"})
  String order;

  /** The length of a value that each token carries. */
  @Param({"0", "60000"})
  int carried;

  private Path directory;
  private String model;
  private float[][] features;
  private String[] values;
  private KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink;

  @Setup(Level.Trial)
  public void writeModel() throws Exception {
    NetworkSize size = NetworkSize.named("RNN 64/32");
    directory = Files.createTempDirectory("flink-rnn-bench-");
    model = new SeededNetwork(size, 1).writeModel(directory).toUri().toString();
    features = SeededNetwork.features(TOKENS, size.input(), 7);
    values = carried == 0 ? null : new String[] {"1".repeat(carried)};
  }

  @Setup(Level.Iteration)
  public void open() throws Exception {
    By by =
        switch (order) {
          case "arrival" -> By.ARRIVAL;
          case "in-order", "gaps" -> By.SEQ;
          default -> By.TIMESTAMP;
        };
    flink =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                RnnFunction.of(model)
                    .withFields(OutputField.SEQ)
                    .with(SequenceOptions.DEFAULT.withOrder(OrderOptions.of(by)))),
            Token::key,
            Types.STRING);
    StateBackend state =
        backend.equals("rocksdb") ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
    flink.setStateBackend(state);
    flink.open();
  }

  @TearDown(Level.Iteration)
  public void closeFlink() throws Exception {
    flink.close();
  }

  @TearDown(Level.Trial)
  public void deleteModel() {
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }

  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public void token() throws Exception {
    int step = order.equals("in-order") ? 1 : 2;
    for (int i = 0; i < TOKENS; i++) {
      long time = order.equals("one-time") ? i / 1000 : i;
      flink.processElement(
          new StreamRecord<>(
              new Token(
                  "k",
                  null,
                  features[i],
                  (long) step * i + step - 1,
                  time,
                  false,
                  false,
                  values,
                  null)));
      flink.getOutput().clear(); // otherwise the harness keeps it
    }
    flink.processWatermark(Long.MAX_VALUE);
  }
}
