package io.github.flinkrnn.job;

import java.util.Map;

/** Where a job's tokens come from. */
public sealed interface SourceSpec {
  /** Which record of a topic a job without state begins with. */
  enum Start {
    EARLIEST,
    LATEST,
    COMMITTED
  }

  /**
   * A topic.
   *
   * @param properties for the Kafka client, as they are
   * @param bounded whether to end with the records that are there at the start
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
   * @param path a URI of any file system of Flink, or {@code -} for the standard input
   */
  record File(String path) implements SourceSpec {
    boolean isStdin() {
      return path.equals("-");
    }
  }
}
