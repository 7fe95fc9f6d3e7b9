package io.github.flinkrnn.job;

import io.github.flinkrnn.kafka.SourceTopics;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/** The source of a job's tokens. */
@Internal
public sealed interface SourceSpec extends Serializable {
  /**
   * Where to begin in topics without state.
   *
   * @param millis with {@link From#TIME}: each partition begins at its first record whose timestamp
   *     is not before this time (epoch milliseconds), or at its end if there is none
   */
  record Start(From from, long millis) implements Serializable {
    private static final long serialVersionUID = 1L;

    public static final Start EARLIEST = new Start(From.EARLIEST, 0);
    public static final Start LATEST = new Start(From.LATEST, 0);
    public static final Start COMMITTED = new Start(From.COMMITTED, 0);
  }

  /** The kinds of {@link Start}. */
  enum From {
    EARLIEST,
    LATEST,
    /** The committed offsets of the consumer group, and the earliest where it has none. */
    COMMITTED,
    TIME
  }

  /**
   * Topics.
   *
   * @param properties of the Kafka consumer, unchanged
   * @param bounded whether to stop at the end offsets of the job's start
   */
  record Kafka(SourceTopics topics, Start start, Map<String, String> properties, boolean bounded)
      implements SourceSpec {
    private static final long serialVersionUID = 1L;

    /** One topic, from its first record. */
    public Kafka(String topic, Map<String, String> properties, boolean bounded) {
      this(SourceTopics.of(topic), Start.EARLIEST, properties, bounded);
    }

    /**
     * The same with other brokers, from the first to the last record that is there.
     *
     * @param pattern the topic to read in place of those that match a pattern
     * @param others the properties for these brokers
     */
    public Kafka bounded(String pattern, Map<String, String> others) {
      boolean matching = topics instanceof SourceTopics.Matching;
      return new Kafka(matching ? SourceTopics.of(pattern) : topics, Start.EARLIEST, others, true);
    }

    /** The names of the topics; none if there is a pattern for them. */
    public List<String> names() {
      return topics instanceof SourceTopics.Named named ? named.names() : List.of();
    }

    /** Without the properties, which may hold secrets. */
    @Override
    public String toString() {
      return (names().size() == 1 ? "topic " : "topics ") + topics;
    }
  }

  /**
   * The lines of a file.
   *
   * @param path a URI of any of Flink's file systems, or {@code -} for standard input
   */
  record File(String path) implements SourceSpec {
    private static final long serialVersionUID = 1L;

    boolean isStdin() {
      return path.equals("-");
    }
  }
}
