package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.sequence.SourceRecord;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * The event time of a job's source. Each partition has its own watermark, so that no token is late
 * because another partition was read first.
 *
 * <p>Each record that advances the watermark emits it at once, not periodically: which tokens are
 * late depends on the records of a partition, not on when they were read.
 */
final class EventTime {
  private EventTime() {}

  static WatermarkStrategy<SourceRecord> of(JobFile job) {
    if (!job.sequence().needsWatermarks()) {
      return WatermarkStrategy.noWatermarks();
    }
    Duration behind = job.sequence().order().maxOutOfOrderness();
    Duration idle = job.sequence().order().idlePartition();
    WatermarkStrategy<SourceRecord> strategy =
        WatermarkStrategy.forGenerator(new AfterEachRecord(behind.toMillis()))
            .withTimestampAssigner(new InRecords(job.fields(), job.maxRecordBytes()));
    return idle.isZero() ? strategy : strategy.withIdleness(idle);
  }

  private record AfterEachRecord(long millisBehind)
      implements WatermarkGeneratorSupplier<SourceRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public WatermarkGenerator<SourceRecord> createWatermarkGenerator(
        WatermarkGeneratorSupplier.Context context) {
      return new WatermarkGenerator<>() {
        private long latest = Long.MIN_VALUE;

        @Override
        public void onEvent(SourceRecord record, long timestamp, WatermarkOutput output) {
          if (timestamp > latest) {
            latest = timestamp;
            // The last millisecond for which no more tokens are expected, unless that underflows.
            if (timestamp > Long.MIN_VALUE + millisBehind) {
              output.emitWatermark(new Watermark(timestamp - millisBehind - 1));
            }
          }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
          // Each record has emitted it.
        }
      };
    }
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
