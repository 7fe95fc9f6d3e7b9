package io.github.flinkrnn.json;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

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

  /** The indices of the parts of the key at this place. */
  final List<Integer> parts = new ArrayList<>();

  /** The fields within each element of the array at this place; null for no tokens there. */
  FieldPath element;

  /** The fields within a record, and, at the place of its array, those within an element. */
  static FieldPath tree(TokenFields fields) {
    FieldPath root = new FieldPath();
    String each = fields.form().each();
    FieldPath token = each == null ? root : new FieldPath();
    if (each != null) {
      root.at(each).element = token;
    }
    List<String> parts = fields.form().keyParts();
    for (String field : TokenFields.NAMES) {
      if (!field.equals("key") || parts.isEmpty()) {
        add(fields.pointer(field), root, token, path -> path.fields.add(field));
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      add(parts.get(i), root, token, path -> path.parts.add(part));
    }
    for (int i = 0; i < fields.values().size(); i++) {
      int value = i;
      String pointer = fields.pointer(fields.values().get(i).name());
      add(pointer, root, token, path -> path.values.add(value));
    }
    for (int i = 0; i < fields.carried().size(); i++) {
      int carried = i;
      add(fields.carried().get(i), root, token, path -> path.carried.add(carried));
    }
    return root;
  }

  private static void add(
      String place, FieldPath record, FieldPath token, Consumer<FieldPath> addition) {
    if (!TokenFields.isHeader(place)) {
      FieldPath from = TokenFields.isOfRecord(place) ? record : token;
      addition.accept(from.at(TokenFields.withoutMark(place)));
    }
  }

  private FieldPath at(String pointer) {
    FieldPath path = this;
    for (String name : TokenFields.names(pointer)) {
      path = path.below.computeIfAbsent(name, n -> new FieldPath());
    }
    return path;
  }
}
