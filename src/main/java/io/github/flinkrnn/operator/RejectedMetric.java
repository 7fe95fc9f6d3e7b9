package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The {@code rejected} metric, with one counter per reason: {@code ….reason.not-json.rejected}. */
@Internal
public final class RejectedMetric {
  private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);

  private final LongCounter all = new LongCounter();

  /**
   * @param accumulator the name of the accumulator that reports the total when the job ends; null
   *     for none
   */
  public RejectedMetric(RuntimeContext context, String accumulator) {
    MetricGroup operator = context.getMetricGroup();
    if (accumulator != null) {
      context.addAccumulator(accumulator, all);
    }
    for (Reason reason : Reason.values()) {
      counters.put(reason, operator.addGroup("reason", reason.text()).counter("rejected"));
    }
  }

  /** Counts a rejection with this reason. */
  public void count(Reason reason) {
    counters.get(reason).inc();
    all.add(1);
  }
}
