package io.github.flinkrnn.operator;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.metrics.MetricRegistry;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;

/** The metrics of a task by name, as a reporter would see them. */
public final class RecordedMetrics {
  private final Map<String, Metric> byIdentifier = new HashMap<>();

  /** A metric group of a task that registers its metrics here. */
  public TaskMetricGroup task() {
    MetricRegistry registry =
        TestingMetricRegistry.builder()
            .setRegisterConsumer(
                (metric, name, group) -> byIdentifier.put(group.getMetricIdentifier(name), metric))
            .build();
    return TaskManagerMetricGroup.createTaskManagerMetricGroup(
            registry, "localhost", ResourceID.generate())
        .addJob(new JobID(), "job")
        .addTask(ExecutionAttemptID.randomId(), "task");
  }

  /** A counter by the end of its name: {@code steps}, {@code reason.not-json.rejected}. */
  public long count(String name) {
    return ((Counter) metric(name)).getCount();
  }

  /** The number of values in a histogram. */
  long samples(String name) {
    return ((Histogram) metric(name)).getCount();
  }

  /** The values in a histogram, the latest last. */
  List<Long> values(String name) {
    return Arrays.stream(((Histogram) metric(name)).getStatistics().getValues()).boxed().toList();
  }

  Object gauge(String name) {
    return ((Gauge<?>) metric(name)).getValue();
  }

  private Metric metric(String name) {
    List<String> found =
        byIdentifier.keySet().stream().filter(each -> each.endsWith("." + name)).toList();
    if (found.size() != 1) {
      throw new AssertionError("metrics named " + name + ": " + found);
    }
    return byIdentifier.get(found.get(0));
  }
}
