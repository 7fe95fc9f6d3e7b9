package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** {@code rejected}, a counter for each reason: {@code ….reason.not-json.rejected}. */
final class RejectedMetric {
  private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);

  RejectedMetric(MetricGroup operator) {
    for (Reason reason : Reason.values()) {
      counters.put(reason, operator.addGroup("reason", reason.text()).counter("rejected"));
    }
  }

  void count(Reason reason) {
    counters.get(reason).inc();
  }
}
