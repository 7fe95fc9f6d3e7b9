package io.github.flinkrnn.job;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the command that runs a job replaces of its file. What the file says there does not count,
 * so a variable that stands only there needs no value.
 */
public enum Replaced {
  NOTHING,
  /** Source and sink; dead letters and ends where these are topics. */
  ENDS,
  /** The same, and the dead letters whatever they are. */
  ENDS_AND_DEAD_LETTERS,
  /** The brokers of every topic, and how they are reached. */
  BROKERS;

  private static final List<String> ALL = List.of("source", "sink", "dead_letters", "ends");
  private static final String SERVERS = "bootstrap.servers";

  /**
   * Takes out of a job file what is replaced; what must be there leaves something that can be read.
   *
   * @param type the type of one of the ends, its variables filled in
   */
  void takeOutOf(ObjectNode root, UnaryOperator<String> type) {
    switch (this) {
      case NOTHING -> {}
      case BROKERS -> ALL.forEach(end -> takeBrokers(root, end));
      case ENDS, ENDS_AND_DEAD_LETTERS -> {
        if (root.get("source") instanceof ObjectNode source) {
          retype(source, "file").put("path", "-");
        }
        if (root.get("sink") instanceof ObjectNode sink) {
          retype(sink, "print");
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

  /** The fields that are of every type stay. */
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
