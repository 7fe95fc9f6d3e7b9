package io.github.flinkrnn.json;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Takes all elements but one out of an array in a record. The other bytes of the record are
 * unchanged: its numbers, strings and spaces stay as its producer wrote them. Finds the same array
 * as {@link TokenDraft#read}: the last one, if a field is given twice.
 */
@Internal
public final class OneElement {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final byte[] record;
  private final List<String> names; // that lead to the array
  private final int index;

  // Offsets of the array that was found last, and of its element.
  private int begin;
  private int from; // -1 for no such element
  private int to;
  private int end;

  private OneElement(byte[] record, List<String> names, int index) {
    this.record = record;
    this.names = names;
    this.index = index;
    this.from = -1;
  }

  /**
   * The record with only one element in the array.
   *
   * @param pointer the JSON pointer of the array
   * @param index of the element, from 0
   * @return empty if the record has no such element
   */
  public static Optional<byte[]> of(byte[] record, String pointer, int index) {
    OneElement element = new OneElement(record, TokenFields.names(pointer), index);
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), record)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      element.search(parser, 0);
      return element.from < 0 ? Optional.empty() : Optional.of(element.cut());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Searches the object or array that the parser has just entered.
   *
   * @param depth how many names led there
   */
  private void search(JsonParser parser, int depth) {
    boolean array = parser.currentToken() == JsonToken.START_ARRAY;
    int at = 0;
    for (JsonToken next = parser.nextToken(); !next.isStructEnd(); next = parser.nextToken()) {
      String name = array ? Integer.toString(at++) : parser.currentName();
      if (!array) {
        next = parser.nextToken();
      }
      if (!name.equals(names.get(depth))) {
        parser.skipChildren();
      } else if (depth + 1 == names.size()) {
        find(parser);
      } else if (next.isStructStart()) {
        search(parser, depth + 1);
      }
    }
  }

  /** Takes the offsets of the value at which the parser stands, and goes to its end. */
  private void find(JsonParser parser) {
    from = -1;
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    begin = offset(parser) + 1;
    to = -1;
    for (int at = 0; parser.nextToken() != JsonToken.END_ARRAY; at++) {
      if (at == index) {
        from = offset(parser);
      } else if (at == index + 1) {
        to = lastComma(offset(parser));
      }
      parser.skipChildren();
    }
    end = offset(parser);
    to = to < 0 ? end : to;
  }

  private byte[] cut() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(record.length);
    out.write(record, 0, begin);
    out.write(record, from, to - from);
    out.write(record, end, record.length - end);
    return out.toByteArray();
  }

  /** The last comma before an element that is not the first. */
  private int lastComma(int element) {
    int comma = element - 1;
    while (record[comma] != ',') {
      comma--;
    }
    return comma;
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }
}
