package io.github.flinkrnn.config;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A map whose names are the user's, as the properties of a client: {@code a: {b: 1}} is a.b. */
final class FreeMap {
  private final Fields fields;
  private final String field;
  private final Map<String, String> flat = new LinkedHashMap<>();

  /**
   * @param field where it stands in {@code fields}, for errors
   */
  FreeMap(Fields fields, String field) {
    this.fields = fields;
    this.field = field;
  }

  /** Each value below the object, as text, in its order; a null is left out. */
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
          throw fields.invalid(field + "." + name, "is given twice");
        }
      } else {
        throw fields.wrong(field + "." + name, "a value", value);
      }
    }
  }
}
