package io.github.flinkrnn.json;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields that a decoder reads, as a tree of names: one pass over a record finds them all and
 * skips everything else.
 */
final class FieldPath {
  final Map<String, FieldPath> below = new HashMap<>();

  /** The token's fields at this place. */
  final List<String> fields = new ArrayList<>();

  /** The indices of the model's fields at this place. */
  final List<Integer> values = new ArrayList<>();

  /** The indices of the carried values at this place. */
  final List<Integer> carried = new ArrayList<>();

  static FieldPath tree(TokenFields fields) {
    FieldPath root = new FieldPath();
    for (String field : TokenFields.NAMES) {
      root.at(fields.pointer(field)).fields.add(field);
    }
    for (int i = 0; i < fields.values().size(); i++) {
      root.at(fields.pointer(fields.values().get(i).name())).values.add(i);
    }
    for (int i = 0; i < fields.carried().size(); i++) {
      root.at(fields.carried().get(i)).carried.add(i);
    }
    return root;
  }

  private FieldPath at(String pointer) {
    FieldPath path = this;
    for (String name : TokenFields.names(pointer)) {
      path = path.below.computeIfAbsent(name, n -> new FieldPath());
    }
    return path;
  }
}
