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
 * unchanged: its numbers, strings and spaces stay as its producer wrote them.
 */
@Internal
public final class OneElement {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private OneElement() {}

  /**
   * The record with only one element in the array.
   *
   * @param pointer the JSON pointer of the array
   * @param index of the element, from 0
   * @return empty if the record has no such element
   */
  public static Optional<byte[]> of(byte[] record, String pointer, int index) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), record)) {
      if (parser.nextToken() == null || !findArray(parser, TokenFields.names(pointer))) {
        return Optional.empty();
      }
      int begin = offset(parser) + 1;
      int from = -1;
      int to = -1;
      int at = 0;
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        if (token == null) {
          return Optional.empty();
        }
        if (at == index) {
          from = offset(parser);
        } else if (at == index + 1) {
          to = lastComma(record, offset(parser));
        }
        parser.skipChildren();
        at++;
      }
      int end = offset(parser);
      return from < 0
          ? Optional.empty()
          : Optional.of(of(record, begin, from, to < 0 ? end : to, end));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static byte[] of(byte[] record, int begin, int from, int to, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(record.length);
    out.write(record, 0, begin);
    out.write(record, from, to - from);
    out.write(record, end, record.length - end);
    return out.toByteArray();
  }

  /** The last comma before an element that is not the first. */
  private static int lastComma(byte[] record, int element) {
    int comma = element - 1;
    while (record[comma] != ',') {
      comma--;
    }
    return comma;
  }

  /** Goes on to the array that these names lead to. */
  private static boolean findArray(JsonParser parser, List<String> names) {
    for (String name : names) {
      if (parser.currentToken() != JsonToken.START_OBJECT || !findField(parser, name)) {
        return false;
      }
    }
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  private static boolean findField(JsonParser parser, String name) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean found = parser.currentName().equals(name);
      parser.nextToken();
      if (found) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }
}
