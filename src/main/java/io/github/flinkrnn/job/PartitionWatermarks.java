package io.github.flinkrnn.job;

import io.github.flinkrnn.sequence.SourceRecord;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * The watermark of a partition, which follows its records and its silence.
 *
 * <ul>
 *   <li>A record that is later than all before it in its partition moves the watermark at once to
 *       {@code time - millisBehind - 1}: for tokens up to that time, no more tokens are expected.
 *   <li>A partition without records for {@code millisBehind} emits its latest time.
 *   <li>A partition without records for {@code millisIdle} is idle: it holds no other partition
 *       back. When all are idle, Flink emits the latest watermark of all of them.
 * </ul>
 *
 * <p>Silence is measured by Flink's clock for it, which stands still while the job does not read
 * the partition because of back-pressure.
 *
 * @param millisBehind how far before the latest time of its partition a token may be
 * @param millisIdle after how long a silent partition is idle; 0 for never
 */
record PartitionWatermarks(long millisBehind, long millisIdle)
    implements WatermarkGeneratorSupplier<SourceRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public WatermarkGenerator<SourceRecord> createWatermarkGenerator(Context context) {
    return new AfterSilence(millisBehind, millisIdle, context.getInputActivityClock());
  }

  /** The same for a source whose silence means nothing, so that only records move watermarks. */
  static WatermarkGeneratorSupplier<SourceRecord> withoutSilence(long millisBehind) {
    return context -> new AfterEachRecord(millisBehind);
  }

  /** Which tokens are late depends on the records of a partition, not on when they are read. */
  private static class AfterEachRecord implements WatermarkGenerator<SourceRecord> {
    final long millisBehind;
    long latest = Long.MIN_VALUE;

    AfterEachRecord(long millisBehind) {
      this.millisBehind = millisBehind;
    }

    @Override
    public void onEvent(SourceRecord record, long timestamp, WatermarkOutput output) {
      if (timestamp > latest) {
        latest = timestamp;
        if (timestamp > Long.MIN_VALUE + millisBehind) { // otherwise it underflows
          output.emitWatermark(new Watermark(timestamp - millisBehind - 1));
        }
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      // Each record has emitted it.
    }
  }

  private static final class AfterSilence extends AfterEachRecord {
    private final long millisIdle;
    private final RelativeClock clock;
    private long lastRecordMillis;
    private boolean read; // since the last periodic call: the clock is not read for each record
    private boolean over = true; // the latest time was emitted, or there is none
    private boolean idle;

    AfterSilence(long millisBehind, long millisIdle, RelativeClock clock) {
      super(millisBehind);
      this.millisIdle = millisIdle;
      this.clock = clock;
      this.lastRecordMillis = clock.relativeTimeMillis();
    }

    @Override
    public void onEvent(SourceRecord record, long timestamp, WatermarkOutput output) {
      read = true;
      over = false;
      if (idle) {
        idle = false;
        output.markActive(); // a record that is late emits no watermark
      }
      super.onEvent(record, timestamp, output);
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      long now = clock.relativeTimeMillis();
      if (read) {
        read = false;
        lastRecordMillis = now;
      }
      long silent = now - lastRecordMillis;
      boolean isIdle = millisIdle > 0 && silent >= millisIdle;
      // Without an allowance, tokens of one time may still come one after the other: until idle.
      boolean isOver = millisBehind > 0 ? silent >= millisBehind : isIdle;
      boolean emits = isOver && !over && latest > Long.MIN_VALUE;
      if (emits) {
        output.emitWatermark(new Watermark(latest));
      }
      if (isIdle && (emits || !idle)) { // the watermark made it active
        output.markIdle();
      }
      over |= isOver;
      idle = isIdle;
    }
  }
}
