package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.EndReason;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** The metrics of the operator, in its metric group. */
final class SequenceMetrics {
  /**
   * One batch in this many is timed, because reading the clock twice costs as much as a small step.
   */
  private static final int TIMED = 16;

  private static final int WINDOW = 1024;
  private static final FieldEncoder.Mark[] MARKS = FieldEncoder.Mark.values();
  private static final String SIMD = "simd-";

  private final MetricGroup operator;
  final Counter steps;
  final Counter started;
  final Counter duplicates;
  final Counter gaps;
  private final Counter ended;
  private final Counter expired;
  private final Counter otherModel;
  private final Map<EndReason, Counter> ends = new EnumMap<>(EndReason.class);
  private final Histogram stepNanos;
  private final Histogram batchSteps;
  private final Counter[][] marks; // by field and mark
  private int untilTimed;

  /**
   * @param kernel the name of the kernel, for example {@code simd-512}
   * @param fields the names of the model's fields; empty if it has none
   */
  SequenceMetrics(MetricGroup operator, String kernel, List<String> fields) {
    this.operator = operator;
    operator.gauge("kernel", () -> kernel);
    int vectorBits =
        kernel.startsWith(SIMD) ? Integer.parseInt(kernel.substring(SIMD.length())) : 0;
    operator.gauge("vectorBits", () -> vectorBits); // for reporters that support only numbers
    steps = operator.counter("steps");
    started = operator.counter("sequencesStarted");
    ended = operator.counter("sequencesEnded");
    expired = operator.counter("sequencesExpired");
    otherModel = operator.counter("sequencesOfAnotherModel");
    duplicates = operator.counter("duplicates");
    gaps = operator.counter("gaps");
    for (EndReason why : EndReason.values()) {
      ends.put(why, operator.addGroup("why", why.text()).counter("ended"));
    }
    marks = new Counter[fields.size()][];
    for (int f = 0; f < marks.length; f++) {
      MetricGroup field = operator.addGroup("field", fields.get(f));
      marks[f] =
          Arrays.stream(FieldEncoder.Mark.values())
              .map(mark -> field.counter(mark.name().toLowerCase(Locale.ROOT)))
              .toArray(Counter[]::new);
    }
    stepNanos = operator.histogram("stepNanos", new DescriptiveStatisticsHistogram(WINDOW));
    batchSteps = operator.histogram("batchSteps", new DescriptiveStatisticsHistogram(WINDOW));
  }

  /** Adds the metrics of a cache. */
  void show(StateCache cache) {
    operator.counter("stateCacheHits", cache.hits);
    operator.counter("stateCacheMisses", cache.misses);
    operator.counter("stateCacheEvictions", cache.evictions);
    operator.gauge("stateCacheDirty", cache::dirty);
    operator.gauge("stateCacheBytes", cache::bytes);
  }

  /** Counts what happened to the values of a token that was taken. */
  void read(byte[] found) {
    for (int f = 0; f < marks.length; f++) {
      for (int mark = 0; mark < MARKS.length; mark++) {
        if (MARKS[mark].isIn(found[f])) {
          marks[f][mark].inc();
        }
      }
    }
  }

  void ended(EndReason why) {
    ends.get(why).inc();
    switch (why) {
      case IDLE_TIMEOUT -> expired.inc();
      case OTHER_MODEL -> otherModel.inc();
      default -> ended.inc();
    }
  }

  /** The clock at the beginning of steps; 0 if they are not timed. */
  long stepsBegin() {
    if (untilTimed-- > 0) {
      return 0;
    }
    untilTimed = TIMED - 1;
    return System.nanoTime();
  }

  void stepsEnd(long begun, int steps) {
    if (begun != 0) {
      stepNanos.update((System.nanoTime() - begun) / steps);
      batchSteps.update(steps);
    }
  }
}
