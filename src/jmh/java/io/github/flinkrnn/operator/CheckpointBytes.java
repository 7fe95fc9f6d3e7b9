package io.github.flinkrnn.operator;

import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.FileUtils;

/**
 * What a checkpoint writes, with and without a cache of states: {@code jobs/bench.sh checkpoints}.
 * One subtask with LSTM 128 and batches has the states of a million keys in RocksDB. Between two
 * incremental checkpoints, it processes tokens of a few keys, or of all. The figures are medians of
 * the intervals.
 */
public final class CheckpointBytes {
  private static final NetworkSize SIZE = new NetworkSize("lstm", 128, 64, 1);
  private static final int KEYS = 1_000_000;
  private static final int HOT_KEYS = 10_000;
  private static final int TOKENS = 500_000;
  private static final int INTERVALS = 5;
  private static final int DIFFERENT = 4099;

  private final Path directory;
  private final PrintStream out;
  private final float[][] features = SeededNetwork.features(DIFFERENT, SIZE.input(), 1);
  private long id;

  private CheckpointBytes(Path directory, PrintStream out) {
    this.directory = directory;
    this.out = out;
  }

  public static void main(String[] words) throws Exception {
    Path directory = Files.createTempDirectory("flink-rnn-bench-");
    try {
      new CheckpointBytes(directory, System.out).run();
    } finally {
      FileUtils.deleteDirectoryQuietly(directory.toFile());
    }
  }

  private void run() throws Exception {
    Path model = new SeededNetwork(SIZE, 1).writeModel(directory.resolve("model"));
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(model.toString()).withIdleTimeout(Duration.ofDays(1));
    out.printf(
        "| LSTM 128, %,d keys, %,d tokens an interval | cache | tokens/s | dirty states | added, MB"
            + " | before the barrier, ms | snapshot, ms |%n|---|---|---|---|---|---|---|%n",
        KEYS, TOKENS);
    for (MemorySize cache :
        new MemorySize[] {
          MemorySize.ZERO, RnnFunction.DEFAULT_STATE_CACHE, MemorySize.ofMebiBytes(512)
        }) {
      measure(recurrence.withStateCache(cache), cache);
    }
  }

  /** The medians of intervals. */
  private final class Interval {
    private final double[][] figures = new double[5][INTERVALS];

    void run(
        int number,
        RnnFunction<String, Token, Prediction> function,
        KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink,
        IntSupplier keys)
        throws Exception {
      long began = System.nanoTime();
      for (int i = 0; i < TOKENS; i++) {
        flink.processElement(token(keys.getAsInt(), i), 0);
        flink.getOutput().clear();
      }
      figures[0][number] = TOKENS / ((System.nanoTime() - began) / 1e9);
      StateCache cache = function.cache();
      figures[1][number] = cache == null ? 0 : cache.dirty();
      OperatorSubtaskState state = checkpoint(flink, number);
      figures[2][number] = state.getCheckpointedSize() / 1e6;
    }

    private OperatorSubtaskState checkpoint(
        KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink, int number)
        throws Exception {
      id++;
      long began = System.nanoTime();
      flink.prepareSnapshotPreBarrier(id);
      long barrier = System.nanoTime();
      OperatorSubtaskState state = flink.snapshot(id, 0);
      long end = System.nanoTime();
      flink.notifyOfCompletedCheckpoint(id);
      figures[3][number] = (barrier - began) / 1e6;
      figures[4][number] = (end - barrier) / 1e6;
      return state;
    }

    void print(String tokens, MemorySize cache) {
      double[] medians = Arrays.stream(figures).mapToDouble(CheckpointBytes::median).toArray();
      out.printf(
          Locale.ROOT,
          "| %s | %s | %,.0f | %,.0f | %,.1f | %,.0f | %,.0f |%n",
          tokens,
          cache.getBytes() == 0 ? "none" : cache.getMebiBytes() + " MB",
          medians[0],
          medians[1],
          medians[2],
          medians[3],
          medians[4]);
    }
  }

  private Token token(int key, int number) {
    return Token.of(String.format(Locale.ROOT, "user-%07d", key), features[number % DIFFERENT]);
  }

  private void measure(RnnFunction<String, Token, Prediction> function, MemorySize cache)
      throws Exception {
    Path place = Files.createTempDirectory(directory, "rocksdb");
    var flink =
        new KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction>(
            new BatchingOperator<>(function),
            Token::key,
            Types.STRING,
            new MockEnvironmentBuilder()
                .setMaxParallelism(128)
                .setParallelism(1)
                .setSubtaskIndex(0)
                .build());
    try {
      Configuration memory = new Configuration();
      memory.setString("state.backend.rocksdb.memory.fixed-per-slot", "512mb");
      memory.setString("state.backend.rocksdb.use-bloom-filter", "true");
      EmbeddedRocksDBStateBackend rocksdb =
          new EmbeddedRocksDBStateBackend(true)
              .configure(memory, CheckpointBytes.class.getClassLoader());
      rocksdb.setDbStoragePath(place.resolve("db").toString());
      flink.setStateBackend(rocksdb);
      flink.setCheckpointStorage(
          new FileSystemCheckpointStorage(place.resolve("checkpoints").toUri()));
      flink.setup();
      flink.open();
      for (int key = 0; key < KEYS; key++) {
        flink.processElement(token(key, key), 0);
        flink.getOutput().clear();
      }
      new Interval().checkpoint(flink, 0);
      SplittableRandom random = new SplittableRandom(1);
      Interval few = new Interval();
      for (int i = 0; i < INTERVALS; i++) {
        few.run(i, function, flink, () -> random.nextInt(HOT_KEYS) * (KEYS / HOT_KEYS));
      }
      few.print(String.format(Locale.ROOT, "of %,d keys", HOT_KEYS), cache);
      Interval all = new Interval();
      for (int i = 0; i < INTERVALS; i++) {
        all.run(i, function, flink, () -> random.nextInt(KEYS));
      }
      all.print("of all keys", cache);
    } finally {
      flink.close();
      FileUtils.deleteDirectoryQuietly(place.toFile());
    }
  }

  private static double median(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
