package io.github.flinkrnn.job;

import io.github.flinkrnn.config.ConfigYaml;
import io.github.flinkrnn.config.InvalidFileException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** The tree of a job file: parsed, with overrides and variables applied. */
final class JobTree {
  /** Maps whose names contain dots: the rest of an override's path is one name. */
  private static final Set<String> FREE_MAPS =
      Set.of(
          "source.properties",
          "sink.properties",
          "dead_letters.properties",
          "ends.properties",
          "flink");

  /** The fields of a source or sink that only one of its types has. */
  static final List<String> OF_A_TYPE =
      List.of(
          "topic",
          "topics",
          "topic_pattern",
          "start",
          "key_format",
          "tombstone",
          "delivery",
          "timestamp",
          "properties",
          "path");

  private final String file;
  private final ObjectNode root;
  private final Map<String, String> shown = new HashMap<>();

  private JobTree(String file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  static JobTree parse(String file, byte[] yaml) {
    JsonNode root = ConfigYaml.parse(file, yaml);
    if (!root.isObject()) {
      throw new InvalidFileException(file, "", "expected fields like 'name: …', found " + root);
    }
    return new JobTree(file, (ObjectNode) root);
  }

  /**
   * Applies overrides of the form {@code a.b.c=value} in order, except that a new {@code type} of a
   * source or sink comes first and removes the fields of the old type.
   */
  void set(List<String> overrides) {
    for (String override : overrides) {
      if (path(override).matches("(source|sink|dead_letters|ends)\\.type")) {
        String part = path(override).replaceFirst("\\..*", "");
        JsonNode old = root.path(part).path("type");
        if (!old.isString() || !old.stringValue().equals(value(override))) {
          ObjectNode node = root.path(part) instanceof ObjectNode is ? is : root.putObject(part);
          node.remove(OF_A_TYPE);
        }
      }
    }
    for (String override : overrides) {
      set(path(override), value(override));
    }
  }

  private static String path(String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new UsageException(
          "--set " + override + ": expected FIELD=VALUE, like sink.topic=tags");
    }
    return override.substring(0, equals);
  }

  private static String value(String override) {
    return override.substring(override.indexOf('=') + 1);
  }

  private void set(String path, String value) {
    ObjectNode node = root;
    String walked = "";
    String rest = path;
    while (!FREE_MAPS.contains(walked) && rest.contains(".")) {
      String name = rest.substring(0, rest.indexOf('.'));
      rest = rest.substring(name.length() + 1);
      walked = walked.isEmpty() ? name : walked + "." + name;
      JsonNode below = node.get(name);
      if (below == null || below.isNull()) {
        below = node.putObject(name);
      } else if (!below.isObject()) {
        throw new UsageException("--set " + path + ": " + walked + ": expected an object");
      }
      node = (ObjectNode) below;
    }
    if (rest.isEmpty()) {
      throw new UsageException("--set " + path + ": expected a field name after the last dot");
    }
    if (FREE_MAPS.contains(walked)) {
      removeNested(node, rest);
      node.put(rest, value);
    } else {
      node.set(rest, parse(value));
    }
  }

  /** Removes {@code a.b.c} from {@code a: {b: {c: …}}} and from every other nesting of the name. */
  static void removeNested(ObjectNode node, String name) {
    node.remove(name);
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      if (node.get(name.substring(0, dot)) instanceof ObjectNode below) {
        removeNested(below, name.substring(dot + 1));
      }
    }
  }

  /**
   * Parses arrays, objects, quoted strings, numbers and booleans as YAML. Everything else is a
   * string, up to its last character: YAML would end {@code a #1} at the comment.
   */
  private JsonNode parse(String value) {
    if (!value.isBlank()) {
      try {
        JsonNode node = ConfigYaml.parse(file, value.getBytes(StandardCharsets.UTF_8));
        boolean marked = "{['\"".indexOf(value.stripLeading().charAt(0)) >= 0;
        if (node.isNumber() || node.isBoolean() || marked) {
          return node;
        }
      } catch (InvalidFileException e) {
        return StringNode.valueOf(value);
      }
    }
    return StringNode.valueOf(value);
  }

  /**
   * Replaces {@code ${NAME}} and {@code ${NAME:default}} in every string.
   *
   * @param environment the value of a variable, or null
   * @param replaced the parts that are removed before, with their variables
   */
  void fill(UnaryOperator<String> environment, Replaced replaced) {
    Variables variables = new Variables(file, environment);
    replaced.takeOutOf(root, end -> type(end, variables));
    fill(root, "", variables);
  }

  private String type(String end, Variables variables) {
    JsonNode type = root.path(end).path("type");
    return type.isString() ? filled(type, end + ".type", variables) : "";
  }

  private void fill(JsonNode node, String path, Variables variables) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : List.copyOf(object.properties())) {
        String below = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
        if (entry.getValue().isString()) {
          object.put(entry.getKey(), filled(entry.getValue(), below, variables));
        } else {
          fill(entry.getValue(), below, variables);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        String below = path + "[" + i + "]";
        if (array.get(i).isString()) {
          array.set(i, StringNode.valueOf(filled(array.get(i), below, variables)));
        } else {
          fill(array.get(i), below, variables);
        }
      }
    }
  }

  private String filled(JsonNode text, String path, Variables variables) {
    Variables.Filled filled = variables.fill(path, text.stringValue());
    if (!filled.shown().equals(filled.text())) {
      shown.put(path, filled.shown());
    }
    return filled.text();
  }

  /**
   * By path, what errors show in place of a value from the environment. The value may be a secret.
   */
  Map<String, String> shown() {
    return shown;
  }

  ObjectNode root() {
    return root;
  }
}
