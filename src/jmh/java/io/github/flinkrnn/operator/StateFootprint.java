package io.github.flinkrnn.operator;

import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.FileUtils;

/**
 * The memory and disk space of a key: {@code jobs/bench.sh footprint}. One subtask of {@link
 * RnnFunction} with LSTM 128 processes one token for each of a million keys (strings of 12
 * characters). Then the live heap, RocksDB's files on disk and a full checkpoint are divided by the
 * number of keys. At last, the live heap of a full cache of states is compared with the bytes that
 * it counts.
 */
public final class StateFootprint {
  private static final NetworkSize SIZE = new NetworkSize("lstm", 128, 64, 1);
  private static final int KEYS = 1_000_000;
  private static final int DIFFERENT = 4099;
  private static final long CACHE = RnnFunction.DEFAULT_STATE_CACHE.getBytes();

  private final Path directory;
  private final PrintStream out;

  private StateFootprint(Path directory, PrintStream out) {
    this.directory = directory;
    this.out = out;
  }

  public static void main(String[] words) throws Exception {
    Path directory = Files.createTempDirectory("flink-rnn-bench-");
    try {
      new StateFootprint(directory, System.out).run();
    } finally {
      FileUtils.deleteDirectoryQuietly(directory.toFile());
    }
  }

  private void run() throws Exception {
    Path model = new SeededNetwork(SIZE, 1).writeModel(directory.resolve("model"));
    RnnFunction<String, Token, Prediction> recurrence = RnnFunction.of(model.toString());
    out.printf(
        "| LSTM 128, %,d keys, serialized %,d B a key | heap | disk | checkpoint |%n|---|---|---|---|%n",
        KEYS, RnnFunction.stateBytes(SIZE.stateSize()));
    for (String backend : List.of("rocksdb", "hashmap")) {
      measure(backend, "no timeout", recurrence);
      measure(backend, "idle timeout", recurrence.withIdleTimeout(Duration.ofDays(1)));
    }
    out.printf(
        "%n| cache of %,d B | keys | heap, B a key | by counted bytes |%n|---|---|---|---|%n",
        CACHE);
    for (int floats : List.of(64, 256, 2048)) {
      measureCache(floats, false, 12);
    }
    measureCache(64, false, 200);
    measureCache(64, true, 12);
  }

  /** Fills a cache, with keys that leave it again. */
  private void measureCache(int floats, boolean withLast, int keyLength) throws Exception {
    StateCache.Store nothing =
        new StateCache.Store() {
          @Override
          public SequenceState read(Object key) {
            return null;
          }

          @Override
          public void write(Object key, SequenceState state) {}

          @Override
          public void clear(Object key) {}
        };
    long before = liveHeap();
    StateCache cache = new StateCache(nothing, CACHE, new HeapBytes(StringSerializer.INSTANCE));
    for (int i = 0; cache.evictions.getCount() < 1000; i++) {
      String key = ("%0" + keyLength + "d").formatted(i);
      SequenceState state = new SequenceState(1, 1, 0, 0, new float[floats], null, null);
      if (withLast) {
        state.lastIs(
            new Prediction(
                key,
                1,
                "token " + i,
                "label",
                new float[32],
                null,
                null,
                1L,
                1L,
                "m@1",
                new String[] {"\"carried " + i + "\""}));
      }
      cache.keep(key, state, false);
    }
    long heap = liveHeap() - before;
    out.printf(
        Locale.ROOT,
        "| %,d floats%s, keys of %d characters | %,d | %,d | %.2f |%n",
        floats,
        withLast ? ", last prediction" : "",
        keyLength,
        cache.keys().size(),
        heap / cache.keys().size(),
        (double) heap / cache.bytes());
  }

  private void measure(
      String backend, String timeout, RnnFunction<String, Token, Prediction> recurrence)
      throws Exception {
    Path place = Files.createTempDirectory(directory, backend);
    KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> flink =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(recurrence),
            Token::key,
            Types.STRING,
            new MockEnvironmentBuilder()
                .setMaxParallelism(128)
                .setParallelism(1)
                .setSubtaskIndex(0)
                .build());
    try {
      if (backend.equals("rocksdb")) {
        // Half a gigabyte, as a slot of a TaskManager may have. Without it, RocksDB is far slower.
        Configuration memory = new Configuration();
        memory.setString("state.backend.rocksdb.memory.fixed-per-slot", "512mb");
        EmbeddedRocksDBStateBackend rocksdb =
            new EmbeddedRocksDBStateBackend(true)
                .configure(memory, StateFootprint.class.getClassLoader());
        rocksdb.setDbStoragePath(place.resolve("db").toString());
        flink.setStateBackend(rocksdb);
      } else {
        flink.setStateBackend(new HashMapStateBackend());
      }
      flink.setCheckpointStorage(
          new FileSystemCheckpointStorage(place.resolve("checkpoints").toUri()));
      flink.setup();
      flink.open();
      long before = liveHeap();
      // No two neighbours are equal, because RocksDB would compress them to one.
      float[][] features = SeededNetwork.features(DIFFERENT, SIZE.input(), 1);
      for (int i = 0; i < KEYS; i++) {
        flink.processElement(
            Token.of(String.format(Locale.ROOT, "user-%07d", i), features[i % DIFFERENT]), 0);
        flink.getOutput().clear();
      }
      long heap = liveHeap() - before;
      flink.prepareSnapshotPreBarrier(1);
      long checkpoint = flink.snapshot(1, 0).getStateSize();
      long disk = size(place.resolve("db"));
      out.printf(
          Locale.ROOT,
          "| %s, %s | %,d | %,d | %,d |%n",
          backend,
          timeout,
          heap / KEYS,
          disk / KEYS,
          checkpoint / KEYS);
    } finally {
      flink.close();
      FileUtils.deleteDirectoryQuietly(place.toFile());
    }
  }

  private static long liveHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long size(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(StateFootprint::length).sum();
    }
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
