package io.github.flinkrnn.job;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.node.ObjectNode;

/**
 * The parts of a job file that a command replaces. They are not read, so variables in them need no
 * value.
 */
@Internal
public enum Replaced {
  NOTHING,
  /** Source and sink; also dead letters and ends if they are topics. */
  ENDS,
  /** The same, and dead letters of any type. */
  ENDS_AND_DEAD_LETTERS,
  /** Everything but name, model and Flink's options: what is read, and what is made of it. */
  RECORDS,
  /** The brokers of every topic, and their security properties. */
  BROKERS;

  private static final List<String> ALL = List.of("source", "sink", "dead_letters", "ends");
  private static final String SERVERS = "bootstrap.servers";

  /**
   * Removes the replaced parts. Required fields get a valid placeholder.
   *
   * @param type the type of a source or sink, with its variables replaced
   */
  void takeOutOf(ObjectNode root, UnaryOperator<String> type) {
    switch (this) {
      case NOTHING -> {}
      case RECORDS -> {
        root.remove(List.of("dead_letters", "ends", "sequence", "output"));
        root.putObject("source").put("type", "file").put("path", "-");
        root.putObject("sink").put("type", "print");
      }
      case BROKERS -> ALL.forEach(end -> takeBrokers(root, end));
      case ENDS, ENDS_AND_DEAD_LETTERS -> {
        if (root.get("source") instanceof ObjectNode source) {
          retype(source, "file").put("path", "-");
        }
        if (root.get("sink") instanceof ObjectNode sink) {
          retype(sink, "print");
        }
        if (root.get("output") instanceof ObjectNode output) {
          output.remove("headers"); // files have none
        }
        if (this == ENDS_AND_DEAD_LETTERS || "kafka".equals(type.apply("dead_letters"))) {
          root.remove("dead_letters");
        }
        if ("kafka".equals(type.apply("ends"))) {
          root.remove("ends");
        }
      }
    }
  }

  /** Changes the type and keeps only the fields that every type has. */
  private static ObjectNode retype(ObjectNode end, String type) {
    end.remove(JobTree.OF_A_TYPE);
    return end.put("type", type);
  }

  private static void takeBrokers(ObjectNode root, String end) {
    if (root.path(end).get("properties") instanceof ObjectNode properties) {
      List<String> secured = new ArrayList<>(properties.propertyNames());
      secured.removeIf(name -> !name.matches("(security|ssl|sasl)(\\..*)?"));
      properties.remove(secured);
      JobTree.removeNested(properties, SERVERS);
      properties.put(SERVERS, "none");
    }
  }
}
