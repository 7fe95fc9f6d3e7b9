package io.github.flinkrnn.kafka;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;

/** The topics that a source reads. Their names are those of the fields of a job file. */
@Internal
public sealed interface SourceTopics extends Serializable {
  /** How many names a message lists. */
  int MOST_SHOWN = 3;

  /**
   * Topics by their names.
   *
   * @param names at least one
   * @param listed whether the job file has a list of names, {@code topics}, not one {@code topic}
   */
  record Named(List<String> names, boolean listed) implements SourceTopics {
    private static final long serialVersionUID = 1L;

    public Named {
      names = List.copyOf(names);
    }

    @Override
    public boolean contains(String topic) {
      return names.contains(topic);
    }

    @Override
    public String field(int index) {
      return listed ? "topics[" + index + "]" : "topic";
    }

    @Override
    public String toString() {
      String shown = String.join(", ", names.subList(0, Math.min(MOST_SHOWN, names.size())));
      return names.size() > MOST_SHOWN
          ? shown + " and " + (names.size() - MOST_SHOWN) + " more"
          : shown;
    }
  }

  /**
   * All topics whose whole names match a regular expression, also those that are created later.
   *
   * @param expression a regular expression of Java
   */
  record Matching(String expression) implements SourceTopics {
    private static final long serialVersionUID = 1L;

    /** The compiled expression. */
    public Pattern pattern() {
      return Pattern.compile(expression);
    }

    /** Those of the names that match, sorted. */
    public List<String> in(Collection<String> names) {
      Pattern pattern = pattern();
      return names.stream().filter(name -> pattern.matcher(name).matches()).sorted().toList();
    }

    @Override
    public boolean contains(String topic) {
      return pattern().matcher(topic).matches();
    }

    @Override
    public String field(int index) {
      return "topic_pattern";
    }

    @Override
    public String toString() {
      return expression;
    }
  }

  /** One topic. */
  static SourceTopics of(String topic) {
    return new Named(List.of(topic), false);
  }

  /** Whether a topic of this name is read. */
  boolean contains(String topic);

  /** The field of the job file that a problem of a topic is about. */
  String field(int index);

  /** What is wrong with the name of a topic, if anything. These are Kafka's own rules. */
  static Optional<String> problem(String name) {
    return name.matches("[a-zA-Z0-9._-]{1,249}") && !name.matches("\\.\\.?")
        ? Optional.empty()
        : Optional.of("expected a topic name of at most 249 letters, digits, '.', '_' and '-'");
  }
}
