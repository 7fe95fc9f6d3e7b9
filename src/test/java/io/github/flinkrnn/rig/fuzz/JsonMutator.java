package io.github.flinkrnn.rig.fuzz;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes the content of a JSON document and keeps it valid. This reaches deeper code than damaged
 * bytes do.
 */
public final class JsonMutator {
  // Escaped, because some strings contain halves of surrogate pairs.
  private static final JsonMapper JSON =
      JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final int MOST_ADDED_BYTES = 4_000_000;

  private JsonMutator() {}

  /** A value and its place: its name in an object, or its index in an array. */
  private record Place(JsonNode parent, String name, int index) {
    JsonNode value() {
      return parent.isObject() ? parent.get(name) : parent.get(index);
    }

    void set(JsonNode value) {
      if (parent instanceof ObjectNode object) {
        object.set(name, value);
      } else {
        ((ArrayNode) parent).set(index, value);
      }
    }

    void remove() {
      if (parent instanceof ObjectNode object) {
        object.remove(name);
      } else {
        ((ArrayNode) parent).remove(index);
      }
    }
  }

  public static byte[] mutated(byte[] json, Random random) {
    return bytes(mutated(JSON.readTree(json), random));
  }

  static byte[] bytes(JsonNode node) {
    return JSON.writeValueAsBytes(node);
  }

  /** A copy with one to three changes. */
  static JsonNode mutated(JsonNode whole, Random random) {
    JsonNode root = whole.deepCopy();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      List<Place> places = places(root);
      if (places.isEmpty()) {
        return value(random);
      }
      change(Hostile.one(places, random), places, random);
    }
    return root;
  }

  /**
   * A copy with a string inserted into one of its names or strings. The string is escaped as in
   * JSON, or raw, which is invalid JSON if it contains a control character.
   */
  static byte[] withText(byte[] json, String text, Random random) {
    JsonNode root = JSON.readTree(json);
    List<Place> places = places(root);
    places.removeIf(place -> place.name() == null && !place.value().isString());
    Place place = Hostile.one(places, random);
    if (place.value().isString() && (place.name() == null || random.nextBoolean())) {
      place.set(NODES.stringNode(inserted(place.value().stringValue(), text, random)));
    } else {
      ObjectNode object = (ObjectNode) place.parent();
      JsonNode value = object.remove(place.name());
      object.set(inserted(place.name(), text, random), value);
    }
    byte[] escaped = bytes(root);
    if (random.nextInt(3) > 0) {
      return escaped;
    }
    String quoted = JSON.writeValueAsString(text);
    String inside = quoted.substring(1, quoted.length() - 1);
    return new String(escaped, StandardCharsets.UTF_8)
        .replace(inside, text)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String inserted(String text, String more, Random random) {
    int at = random.nextInt(text.length() + 1);
    return text.substring(0, at) + more + text.substring(at);
  }

  private static List<Place> places(JsonNode root) {
    List<Place> places = new ArrayList<>();
    collect(root, places);
    return places;
  }

  private static void collect(JsonNode node, List<Place> places) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        places.add(new Place(object, field.getKey(), -1));
        collect(field.getValue(), places);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        places.add(new Place(array, null, i));
        collect(array.get(i), places);
      }
    }
  }

  private static void change(Place place, List<Place> places, Random random) {
    switch (random.nextInt(10)) {
      case 0 -> place.remove();
      case 1 -> place.set(Hostile.one(places, random).value().deepCopy());
      case 2 -> {
        if (place.parent() instanceof ObjectNode object) {
          JsonNode value = object.get(place.name());
          if (random.nextBoolean()) {
            object.remove(place.name());
          }
          object.set(renamed(place.name(), random), value.deepCopy());
        } else {
          ((ArrayNode) place.parent()).insert(place.index(), place.value().deepCopy());
        }
      }
      case 3 -> place.set(nested(place.value(), random));
      case 4 -> longer(place, random);
      default -> place.set(near(place.value(), random));
    }
  }

  private static String renamed(String name, Random random) {
    if (name.isEmpty() || random.nextInt(3) == 0) {
      return Hostile.string(random);
    }
    int at = random.nextInt(name.length());
    return switch (random.nextInt(3)) {
      case 0 -> name.substring(0, at) + name.substring(at + 1);
      case 1 -> name.substring(0, at) + Hostile.one(Hostile.CONTROLS, random) + name.substring(at);
      default -> name.substring(0, at) + (char) ('0' + random.nextInt(75)) + name.substring(at + 1);
    };
  }

  private static JsonNode nested(JsonNode value, Random random) {
    JsonNode nested = value.deepCopy();
    for (int depth = random.nextInt(8) == 0 ? 120 : 1; depth > 0; depth--) {
      nested =
          random.nextBoolean()
              ? NODES.arrayNode().add(nested)
              : NODES.objectNode().set("x", nested);
    }
    return nested;
  }

  /** Repeats the elements of an array many times, or makes a string long. */
  private static void longer(Place place, Random random) {
    JsonNode value = place.value();
    if (value instanceof ArrayNode array && !array.isEmpty()) {
      int most = 1 + random.nextInt(random.nextInt(20) == 0 ? 20_000 : 20);
      // With long arrays or strings as elements, this would be gigabytes of JSON.
      int each = 1 + bytes(value).length / array.size();
      most = Math.min(most, MOST_ADDED_BYTES / each);
      for (int i = 0; i < most && array.size() < 20_000; i++) {
        array.add(array.get(i % array.size()).deepCopy()); // so that the next change affects one
      }
    } else if (value.isString()) {
      String text = value.stringValue();
      int most = Math.max(1, 1_000_000 / (text.length() + 1));
      place.set(NODES.stringNode(text.repeat(1 + random.nextInt(Math.min(1000, most)))));
    } else {
      place.set(value(random));
    }
  }

  /** Another value, mostly of the same kind. */
  private static JsonNode near(JsonNode value, Random random) {
    if (random.nextInt(4) == 0) {
      return value(random);
    }
    if (value.isIntegralNumber()) {
      long number = value.canConvertToLong() ? value.longValue() : 1;
      return switch (random.nextInt(5)) {
        case 0 -> NODES.numberNode(number + 1);
        case 1 -> NODES.numberNode(number - 1);
        case 2 -> NODES.numberNode(-number);
        case 3 -> NODES.numberNode(number * 1_000_003);
        default -> number(random);
      };
    }
    if (value.isNumber()) {
      return number(random);
    }
    if (value.isString()) {
      String text = value.stringValue();
      return NODES.stringNode(
          random.nextBoolean() ? Hostile.string(random) : renamed(text, random));
    }
    return value.isBoolean() ? NODES.booleanNode(!value.booleanValue()) : value(random);
  }

  private static JsonNode number(Random random) {
    String text = Hostile.number(random);
    try {
      BigDecimal number = new BigDecimal(text);
      // Written out, larger exponents would be gigabytes of digits.
      return Math.abs((long) number.scale()) < 2000
          ? DecimalNode.valueOf(number)
          : NODES.stringNode(text);
    } catch (NumberFormatException e) {
      return NODES.stringNode(text);
    }
  }

  private static JsonNode value(Random random) {
    return switch (random.nextInt(7)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2, 3 -> number(random);
      case 4 -> random.nextBoolean() ? NODES.arrayNode() : NODES.objectNode();
      default -> NODES.stringNode(Hostile.string(random));
    };
  }
}
