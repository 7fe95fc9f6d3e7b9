package io.github.flinkrnn.job;

import java.io.Serializable;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** A sink of a job: of its predictions, dead letters or ends of sequences. */
@Internal
public sealed interface SinkSpec extends Serializable {
  /**
   * A topic.
   *
   * @param properties of the Kafka producer, unchanged
   * @param byClock whether the timestamp of a record is the writer's clock; otherwise it is the
   *     time of its source record
   */
  record Kafka(
      String topic, DeliveryGuarantee delivery, Map<String, String> properties, boolean byClock)
      implements SinkSpec {
    private static final long serialVersionUID = 1L;

    /** A topic whose records have the times of their source records. */
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
   * One file on a local file system, with a line per record.
   *
   * @param path an absolute path
   */
  record File(String path) implements SinkSpec {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The standard output or standard error of the process that runs the sink, with a line per
   * record.
   */
  record Print(boolean toStderr) implements SinkSpec {
    private static final long serialVersionUID = 1L;
  }
}
