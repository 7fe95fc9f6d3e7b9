package io.github.flinkrnn.job;

import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicWatch;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The metric {@code topicsMissing} of an operator that reads or writes topics. */
final class TopicMetric {
  private TopicMetric() {}

  /**
   * Registers the metric in the first subtask.
   *
   * @param properties of the consumer or producer
   * @param consequence what it means if a topic was created again, for the log
   * @return what watches the topics until it is closed; null in the other subtasks
   */
  static TopicWatch register(
      RuntimeContext context,
      SourceTopics topics,
      Map<String, String> properties,
      String consequence) {
    if (context.getTaskInfo().getIndexOfThisSubtask() > 0) {
      return null;
    }
    TopicWatch watch = TopicWatch.start(topics, properties, consequence);
    context.getMetricGroup().gauge("topicsMissing", watch::missing);
    return watch;
  }
}
