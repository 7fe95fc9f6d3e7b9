package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkOutputMultiplexer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.clock.ManualClock;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.Test;

/** The watermarks of the partitions of a subtask, combined as Flink combines them. */
class PartitionWatermarksTest {
  private static final long BEHIND = 200;
  private static final long IDLE = 500;

  /** A subtask that reads some partitions, with the clock of a test. */
  private static final class Subtask {
    final List<String> emitted = new ArrayList<>();
    final ManualClock clock = new ManualClock();
    private final WatermarkOutput output = new Recorded(emitted);
    private final WatermarkOutputMultiplexer multiplexer = new WatermarkOutputMultiplexer(output);
    private final WatermarkGenerator<SourceRecord> main;
    private final List<WatermarkGenerator<SourceRecord>> partitions = new ArrayList<>();

    Subtask(int partitions, long behind, long idle) {
      this(partitions, new PartitionWatermarks(behind, idle));
    }

    Subtask(int count, WatermarkGeneratorSupplier<SourceRecord> supplier) {
      WatermarkGeneratorSupplier.Context context =
          new WatermarkGeneratorSupplier.Context() {
            @Override
            public MetricGroup getMetricGroup() {
              return new UnregisteredMetricsGroup();
            }

            @Override
            public RelativeClock getInputActivityClock() {
              return clock;
            }
          };
      main = supplier.createWatermarkGenerator(context);
      for (int i = 0; i < count; i++) {
        multiplexer.registerNewOutput("" + i);
        partitions.add(supplier.createWatermarkGenerator(context));
      }
    }

    void read(int partition, long time) {
      partitions.get(partition).onEvent(null, time, multiplexer.getImmediateOutput("" + partition));
    }

    /** What Flink does each {@code pipeline.auto-watermark-interval}. */
    void periodically(long millisLater) {
      clock.advanceTime(Duration.ofMillis(millisLater));
      for (int i = 0; i < partitions.size(); i++) {
        partitions.get(i).onPeriodicEmit(multiplexer.getDeferredOutput("" + i));
      }
      multiplexer.onPeriodicEmit();
      main.onPeriodicEmit(new Recorded(new ArrayList<>()));
    }
  }

  private record Recorded(List<String> emitted) implements WatermarkOutput {
    @Override
    public void emitWatermark(Watermark watermark) {
      emitted.add("" + watermark.getTimestamp());
    }

    @Override
    public void markIdle() {
      if (emitted.isEmpty() || !emitted.get(emitted.size() - 1).equals("idle")) {
        emitted.add("idle");
      }
    }

    @Override
    public void markActive() {
      emitted.add("active");
    }
  }

  @Test
  void recordsMoveTheWatermarkAtOnce() {
    Subtask subtask = new Subtask(1, BEHIND, IDLE);

    subtask.read(0, 1000);
    subtask.read(0, 900);
    subtask.read(0, 1001);
    subtask.read(0, Long.MIN_VALUE);

    assertThat(subtask.emitted).containsExactly("799", "800");
  }

  @Test
  void aSilentPartitionEmitsItsLatestTimeAndIsThenIdle() {
    Subtask subtask = new Subtask(1, BEHIND, IDLE);
    subtask.read(0, 1000);

    subtask.periodically(100); // notices the record
    subtask.periodically(199);
    assertThat(subtask.emitted).containsExactly("799");
    subtask.periodically(1);
    assertThat(subtask.emitted).containsExactly("799", "1000");
    subtask.periodically(299);
    assertThat(subtask.emitted).containsExactly("799", "1000");
    subtask.periodically(1);
    assertThat(subtask.emitted).containsExactly("799", "1000", "idle");
    subtask.periodically(10_000);
    assertThat(subtask.emitted).containsExactly("799", "1000", "idle");
  }

  @Test
  void aPartitionHoldsTheOthersBackUntilItIsIdle() {
    Subtask subtask = new Subtask(2, BEHIND, IDLE);
    subtask.read(0, 1000);
    subtask.periodically(200);
    subtask.periodically(200);
    subtask.read(0, 1100);
    assertThat(subtask.emitted).isEmpty(); // partition 1 never had a record

    subtask.periodically(100); // 1 becomes idle

    assertThat(subtask.emitted).containsExactly("1000");
  }

  /** The last partition that becomes idle is behind the first one. */
  @Test
  void whenAllAreSilentTheLatestTimeOfAllIsEmitted() {
    Subtask subtask = new Subtask(3, BEHIND, IDLE);
    subtask.read(0, 9000);
    subtask.read(2, 5000);
    subtask.periodically(100);
    subtask.read(1, 3000);
    subtask.periodically(100);
    assertThat(subtask.emitted).containsExactly("2799");

    subtask.periodically(400); // 0 and 2 were silent for 500 ms, 1 for 400 ms
    subtask.periodically(50);
    assertThat(subtask.emitted).containsExactly("2799", "3000");
    subtask.periodically(50);
    assertThat(subtask.emitted).containsExactly("2799", "3000", "9000", "idle");
  }

  @Test
  void aPartitionThatWakesUpIsActiveFromItsFirstRecord() {
    Subtask subtask = new Subtask(2, BEHIND, IDLE);
    subtask.read(0, 9000);
    subtask.read(1, 9000);
    for (int i = 0; i < 10; i++) {
      subtask.periodically(100);
    }
    assertThat(subtask.emitted).containsExactly("8799", "9000", "idle");

    subtask.read(1, 4000); // late, and it holds back the other one
    subtask.read(0, 20_000);
    assertThat(subtask.emitted).containsExactly("8799", "9000", "idle");
    subtask.read(1, 10_000);

    assertThat(subtask.emitted).containsExactly("8799", "9000", "idle", "9799");
  }

  @Test
  void withoutIdlenessAPartitionStillEmitsItsLatestTime() {
    Subtask subtask = new Subtask(1, BEHIND, 0);
    subtask.read(0, 1000);
    for (int i = 0; i < 1000; i++) {
      subtask.periodically(1000);
    }
    assertThat(subtask.emitted).containsExactly("799", "1000");
  }

  @Test
  void withoutAnAllowanceTheLatestTimeIsEmittedWhenThePartitionIsIdle() {
    Subtask subtask = new Subtask(1, 0, IDLE);
    subtask.read(0, 1000);
    subtask.periodically(100);
    subtask.read(0, 1000);
    subtask.periodically(499);
    subtask.periodically(499);
    assertThat(subtask.emitted).containsExactly("999");
    subtask.periodically(1);
    assertThat(subtask.emitted).containsExactly("999", "1000", "idle");
  }

  @Test
  void anAllowanceThatIsLongerThanIdlenessIsKept() {
    Subtask subtask = new Subtask(2, 2000, IDLE);
    subtask.read(0, 9000);
    subtask.read(1, 5000);
    subtask.periodically(100);
    subtask.periodically(500);
    assertThat(subtask.emitted).containsExactly("2999", "6999", "idle");
    subtask.periodically(1499);
    assertThat(subtask.emitted).containsExactly("2999", "6999", "idle");
    subtask.periodically(1);
    assertThat(subtask.emitted).containsExactly("2999", "6999", "idle", "9000", "idle");
  }

  @Test
  void silenceOfABoundedSourceMeansNothing() {
    Subtask subtask = new Subtask(1, PartitionWatermarks.withoutSilence(BEHIND));
    subtask.read(0, 1000);
    subtask.periodically(100_000);
    subtask.periodically(100_000);
    assertThat(subtask.emitted).containsExactly("799");
  }
}
