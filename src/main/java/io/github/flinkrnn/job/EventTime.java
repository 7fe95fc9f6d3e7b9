package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.sequence.SourceRecord;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * The event time of a job's source. Each partition has its own watermark, so that no token is late
 * because another partition was read first.
 */
final class EventTime {
  private EventTime() {}

  static WatermarkStrategy<SourceRecord> of(JobFile job) {
    if (!job.sequence().needsWatermarks()) {
      return WatermarkStrategy.noWatermarks();
    }
    Duration behind = job.sequence().order().maxOutOfOrderness();
    Duration idle = job.sequence().order().idlePartition();
    // The end of a bounded source or a file is the end of all waiting, so silence tells nothing.
    boolean silence = job.source() instanceof SourceSpec.Kafka kafka && !kafka.bounded();
    InRecords times = new InRecords(job.fields(), job.maxRecordBytes());
    if (silence) {
      return WatermarkStrategy.forGenerator(
              new PartitionWatermarks(behind.toMillis(), idle.toMillis()))
          .withTimestampAssigner(times);
    }
    WatermarkStrategy<SourceRecord> strategy =
        WatermarkStrategy.forGenerator(PartitionWatermarks.withoutSilence(behind.toMillis()))
            .withTimestampAssigner(times);
    return idle.isZero() ? strategy : strategy.withIdleness(idle);
  }

  private record InRecords(TokenFields fields, int maxBytes)
      implements TimestampAssignerSupplier<SourceRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public TimestampAssigner<SourceRecord> createTimestampAssigner(
        TimestampAssignerSupplier.Context context) {
      TokenDecoder decoder = new TokenDecoder(fields, null, maxBytes);
      return (record, before) -> decoder.time(record, Long.MIN_VALUE);
    }
  }
}
