package io.github.flinkrnn.job;

import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Where a job's predictions, or its dead letters, go. */
public sealed interface SinkSpec {
  /**
   * A topic.
   *
   * @param properties for the Kafka client, as they are
   */
  record Kafka(String topic, DeliveryGuarantee delivery, Map<String, String> properties)
      implements SinkSpec {
    /** Without the properties, which may hold secrets. */
    @Override
    public String toString() {
      return "topic " + topic;
    }
  }

  /**
   * A line each in one file of a local file system.
   *
   * @param path an absolute path
   */
  record File(String path) implements SinkSpec {}

  /**
   * A line each on the standard output of the process that runs the sink, or on its standard error.
   */
  record Print(boolean toStderr) implements SinkSpec {}
}
