package io.github.flinkrnn.job;

import java.io.Serializable;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Where a job's predictions, or its dead letters, go. */
public sealed interface SinkSpec extends Serializable {
  /**
   * A topic.
   *
   * @param properties for the Kafka client, as they are
   * @param byClock whether records have the writer's clock as their timestamps; else the time of
   *     the record that they come from
   */
  record Kafka(
      String topic, DeliveryGuarantee delivery, Map<String, String> properties, boolean byClock)
      implements SinkSpec {
    private static final long serialVersionUID = 1L;

    /** A topic whose records have the time of the record that they come from. */
    public Kafka(String topic, DeliveryGuarantee delivery, Map<String, String> properties) {
      this(topic, delivery, properties, false);
    }

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
  record File(String path) implements SinkSpec {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A line each on the standard output of the process that runs the sink, or on its standard error.
   */
  record Print(boolean toStderr) implements SinkSpec {
    private static final long serialVersionUID = 1L;
  }
}
