package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenEncoder;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A bounded source of tokens that pauses at a gate without blocking its task, so that a savepoint
 * can be taken there. The gate is static, because the test and the task share it.
 */
final class GatedRecords {
  private static final AtomicLong PERMITS = new AtomicLong();

  private GatedRecords() {}

  /** Sets how many more records are emitted before the source pauses. */
  static void permit(long records) {
    PERMITS.set(records);
  }

  /**
   * The tokens as records from one reader. Records of the same key go to the same subtask in order,
   * as with the partitions of a Kafka topic.
   */
  static DataStream<SourceRecord> of(StreamExecutionEnvironment environment, List<Token> tokens) {
    byte[][] values = tokens.stream().map(TokenEncoder::encode).toArray(byte[][]::new);
    int[] keyHashes = tokens.stream().mapToInt(token -> token.key().hashCode()).toArray();
    GeneratorFunction<Long, SourceRecord> records =
        index -> {
          byte[] value = values[Math.toIntExact(index)];
          return new SourceRecord(null, value, value.length, null, new Origin("in", 0, index));
        };
    return environment
        .fromSource(
            new DataGeneratorSource<>(
                records,
                tokens.size(),
                parallelism -> new Gate(),
                TypeInformation.of(SourceRecord.class)),
            WatermarkStrategy.noWatermarks(),
            "records")
        .uid("records")
        .setParallelism(1)
        .partitionCustom(
            (Integer hash, int partitions) -> Math.floorMod(hash, partitions),
            record -> keyHashes[Math.toIntExact(record.origin().offset())]);
  }

  private static final class Gate implements RateLimiter<NumberSequenceSplit> {
    @Override
    public CompletionStage<Void> acquire(int records) {
      return PERMITS.addAndGet(-records) >= 0
          ? CompletableFuture.completedFuture(null)
          : new CompletableFuture<>();
    }
  }
}
