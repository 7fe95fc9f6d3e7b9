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
 * Event time of a job's source, partition by partition: so many tokens of one may be read before
 * the first of another, and none is late for that.
 *
 * <p>A watermark follows each record that moves it, and none comes by a clock: which tokens are
 * late depends on the records of a partition, and not on when they were read.
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
            // The last moment at which no more is to come; none while that would be before time.
            if (timestamp > Long.MIN_VALUE + millisBehind) {
              output.emitWatermark(new Watermark(timestamp - millisBehind - 1));
            }
          }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
          // Each record has said it.
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
