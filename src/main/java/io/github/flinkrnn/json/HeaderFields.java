package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The fields of a token that are headers of its Kafka record. */
final class HeaderFields {
  private final Map<String, FieldPath> all = new HashMap<>(); // by the name of the header
  private final Map<String, FieldPath> ofKey = new HashMap<>();

  private HeaderFields() {}

  /** Null if no field is a header. */
  static HeaderFields of(TokenFields fields) {
    HeaderFields headers = new HeaderFields();
    List<String> parts = fields.form().keyParts();
    for (String field : TokenFields.NAMES) {
      if (!field.equals("key") || parts.isEmpty()) {
        headers.add(fields.pointer(field), field.equals("key"), path -> path.fields.add(field));
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      headers.add(parts.get(i), true, path -> path.parts.add(part));
    }
    for (int i = 0; i < fields.values().size(); i++) {
      int value = i;
      String place = fields.pointer(fields.values().get(i).name());
      headers.add(place, false, path -> path.values.add(value));
    }
    for (int i = 0; i < fields.carried().size(); i++) {
      int carried = i;
      headers.add(fields.carried().get(i), false, path -> path.carried.add(carried));
    }
    return headers.all.isEmpty() ? null : headers;
  }

  private void add(String place, boolean isOfKey, Consumer<FieldPath> addition) {
    if (TokenFields.isHeader(place)) {
      String name = TokenFields.headerName(place);
      addition.accept(all.computeIfAbsent(name, n -> new FieldPath()));
      if (isOfKey) {
        addition.accept(ofKey.computeIfAbsent(name, n -> new FieldPath()));
      }
    }
  }

  /** Sets the fields of a token. Of several headers with one name, the last one counts. */
  void read(SourceRecord record, TokenDraft draft) throws Rejection {
    read(record, all, draft);
  }

  /** Sets only the key. */
  void readKey(SourceRecord record, TokenDraft draft) throws Rejection {
    read(record, ofKey, draft);
  }

  private static void read(SourceRecord record, Map<String, FieldPath> fields, TokenDraft draft)
      throws Rejection {
    Header[] headers = record.headers();
    if (headers == null) {
      return;
    }
    List<String> found = new ArrayList<>(fields.size());
    for (int i = headers.length - 1; i >= 0 && found.size() < fields.size(); i--) {
      String name = headers[i].name();
      FieldPath path = fields.get(name);
      if (path != null && !found.contains(name)) {
        found.add(name);
        if (headers[i].value() != null) {
          draft.header(text(headers[i]), path);
        }
      }
    }
  }

  private static String text(Header header) throws Rejection {
    String text = Utf8.decode(header.value());
    if (text == null) {
      throw new Rejection(
          Reason.WRONG_TYPE, "header:" + header.name() + ": expected UTF-8, found other bytes");
    }
    return StandardFieldReader.text("header:" + header.name(), text, StandardFieldReader.MAX_TEXT);
  }
}
