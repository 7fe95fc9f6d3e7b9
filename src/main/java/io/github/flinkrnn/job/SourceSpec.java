package io.github.flinkrnn.job;

import java.util.Map;
import org.apache.flink.annotation.Internal;

/** The source of a job's tokens. */
@Internal
public sealed interface SourceSpec {
  /** Where to begin in a topic without state. */
  enum Start {
    EARLIEST,
    LATEST,
    COMMITTED
  }

  /**
   * A topic.
   *
   * @param properties of the Kafka consumer, unchanged
   * @param bounded whether to stop at the end offsets of the job's start
   */
  record Kafka(String topic, Start start, Map<String, String> properties, boolean bounded)
      implements SourceSpec {
    /** Without the properties, which may hold secrets. */
    @Override
    public String toString() {
      return "topic " + topic;
    }
  }

  /**
   * The lines of a file.
   *
   * @param path a URI of any of Flink's file systems, or {@code -} for standard input
   */
  record File(String path) implements SourceSpec {
    boolean isStdin() {
      return path.equals("-");
    }
  }
}
