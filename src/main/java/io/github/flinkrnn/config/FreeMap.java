package io.github.flinkrnn.config;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A map with names chosen by the user, such as client properties: {@code a: {b: 1}} is a.b. */
final class FreeMap {
  private final Fields fields;
  private final String field;
  private final Map<String, String> flat = new LinkedHashMap<>();

  /**
   * @param field the field that holds the map, for errors
   */
  FreeMap(Fields fields, String field) {
    this.fields = fields;
    this.field = field;
  }

  /** All values below the object as strings, in file order, without nulls. */
  Map<String, String> flattened(JsonNode object) {
    flatten("", object);
    return flat;
  }

  private void flatten(String prefix, JsonNode node) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        flatten(name, value);
      } else if (value.isValueNode() && !value.isNull()) {
        if (flat.put(name, value.asString()) != null) {
          throw fields.invalid(field + "." + name, "expected one value, found two");
        }
      } else {
        throw fields.wrong(field + "." + name, "a value", value);
      }
    }
  }
}
