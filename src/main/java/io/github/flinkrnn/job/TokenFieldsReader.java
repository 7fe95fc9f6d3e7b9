package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.json.KeyFormat;
import io.github.flinkrnn.json.RecordForm;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.json.TokenTimes;
import io.github.flinkrnn.rules.OutputField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads where a token's fields are in its record, and what is copied to its prediction: parts of
 * the sections {@code source} and {@code output} of a job file.
 */
final class TokenFieldsReader {
  private static final int MAX_CARRIED = 1000;
  private static final int MAX_POINTER = 1000;
  private static final int MAX_PARTS = 100;
  private static final int MAX_HEADERS = 100;

  private static final Map<String, KeyFormat> KEY_FORMATS = Choices.of(KeyFormat.values());
  private static final Map<String, Boolean> TOMBSTONES =
      Choices.of(List.of("reject", "end"), List.of(false, true));

  private final Fields source;
  private final Fields output;
  private final boolean isKafka;
  private final List<String> carried;
  private final String each; // null for none

  /**
   * @param isKafka whether the source is a topic
   */
  TokenFieldsReader(Fields source, Fields output, boolean isKafka) {
    this.source = source;
    this.output = output;
    this.isKafka = isKafka;
    each = source.text("each").orElse(null);
    if (each != null) {
      checkPointer(source, "each", each);
    }
    carried = output.texts("carry", MAX_CARRIED);
    for (String place : carried) {
      checkPlace(output, "carry", place);
    }
  }

  TokenFields read(TokenTimes times) {
    Map<String, String> pointers = new LinkedHashMap<>();
    Fields fields = source.object("fields");
    List<String> parts = parts(fields);
    for (String name : fields.names()) { // of a token, or of the model, which JobValidator checks
      if (!name.equals("key") || parts.isEmpty()) {
        fields
            .text(name)
            .ifPresent(
                place -> {
                  checkPlace(fields, name, place);
                  pointers.put(name, place);
                });
      }
    }
    boolean numericStrings = source.flag("numeric_strings", false);
    return new TokenFields(pointers, carried, times, numericStrings, List.of(), form(parts));
  }

  /** The parts of a composite key; empty for one value. */
  private static List<String> parts(Fields fields) {
    if (!fields.isArray("key")) {
      return List.of();
    }
    List<String> parts = fields.texts("key", MAX_PARTS);
    if (parts.isEmpty()) {
      throw fields.invalid("key", "expected at least one pointer, found none");
    }
    return parts;
  }

  private RecordForm form(List<String> parts) {
    Fields fields = source.object("fields");
    for (int i = 0; i < parts.size(); i++) {
      checkPlace(fields, "key[" + i + "]", parts.get(i));
    }
    List<String> headers = output.texts("headers", MAX_HEADERS);
    if (!headers.isEmpty() && !isKafka) {
      throw output.invalid("headers", "expected only with source.type: kafka");
    }
    if (headers.contains("")) {
      throw output.invalid("headers", "expected names, found an empty one");
    }
    if (!isKafka) {
      onlyKafka("key_format");
      onlyKafka("tombstone");
      return new RecordForm(parts, each, KeyFormat.STRING, false, headers);
    }
    boolean tombstonesEnd = source.choice("tombstone", TOMBSTONES).orElse(false);
    for (String part : parts) {
      if (tombstonesEnd && !TokenFields.isHeader(part)) {
        throw source.invalid(
            "tombstone",
            "expected reject, because a part of the key is in the value ("
                + part
                + "), which a tombstone does not have");
      }
    }
    return new RecordForm(
        parts,
        each,
        source.choice("key_format", KEY_FORMATS).orElse(KeyFormat.STRING),
        tombstonesEnd,
        headers);
  }

  private void onlyKafka(String name) {
    if (source.names().contains(name)) {
      throw source.invalid(name, "expected only with type: kafka");
    }
  }

  /** The field of a carried value is the last name of its pointer: country for /user/country. */
  List<String> carriedNames() {
    Set<String> names = new LinkedHashSet<>();
    for (String place : carried) {
      String name = place;
      if (TokenFields.isHeader(place)) {
        name = TokenFields.headerName(place);
      } else {
        List<String> path = TokenFields.names(TokenFields.withoutMark(place));
        name = path.get(path.size() - 1);
      }
      boolean own = OutputReader.OWN.contains(name) || OutputField.byName().containsKey(name);
      if (own || !names.add(name)) {
        throw output.invalid(
            "carry", "expected an unused field name, found " + name + " of '" + place + "'");
      }
    }
    return new ArrayList<>(names);
  }

  private void checkPlace(Fields fields, String name, String place) {
    if (TokenFields.isHeader(place)) {
      checkHeader(fields, name, place);
      return;
    }
    if (!TokenFields.isOfRecord(place)) {
      checkPointer(fields, name, place);
      return;
    }
    if (each == null) {
      throw fields.invalid(
          name, "expected a pointer that begins with ^ only with source.each, found " + place);
    }
    String pointer = TokenFields.withoutMark(place);
    checkPointer(fields, name, pointer);
    if (pointer.equals(each) || pointer.startsWith(each + "/")) {
      throw fields.invalid(
          name, "expected a pointer outside the array of source.each, found " + place);
    }
  }

  private void checkHeader(Fields fields, String name, String place) {
    if (!isKafka) {
      throw fields.invalid(
          name, "expected a JSON pointer, because a file has no headers, found " + place);
    }
    if (TokenFields.headerName(place).isEmpty() || place.length() > MAX_POINTER) {
      throw fields.invalid(
          name, "expected header:NAME, with at most " + MAX_POINTER + " characters");
    }
  }

  private static void checkPointer(Fields fields, String name, String pointer) {
    if (pointer.length() > MAX_POINTER) {
      throw fields.invalid(
          name,
          "expected a JSON pointer of at most "
              + (MAX_POINTER + " characters, found " + pointer.length()));
    }
    try {
      TokenFields.names(pointer);
    } catch (IllegalArgumentException e) {
      throw fields.invalid(name, e.getMessage());
    }
  }
}
