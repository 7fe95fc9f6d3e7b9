package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Utf8;
import java.time.DateTimeException;
import java.util.Locale;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the values of a token's standard fields, at which a parser stands, and checks their types
 * and lengths. The readers of other fields use its check of a text and its words for types.
 */
final class StandardFieldReader {
  // Limits for what a prediction repeats from its record, so that it fits into a topic like the
  // record's.
  static final int MAX_KEY = 8 << 10;
  static final int MAX_TEXT = 64 << 10;

  private StandardFieldReader() {}

  /** A part of a composite key as JSON; null for null. */
  static String keyPart(int i, JsonParser parser) throws Rejection {
    String name = TokenFields.keyPart(i);
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return null;
      }
      case VALUE_NUMBER_INT -> {
        return parser.getString();
      }
      case VALUE_STRING -> {
        String part = text(name, parser.getString(), MAX_KEY);
        if (part.isEmpty()) {
          throw emptyKey(name);
        }
        StringBuilder json = new StringBuilder(part.length() + 2);
        quote(part, json);
        return json.toString();
      }
      default -> throw wrongType(name, "a string or an integer", parser);
    }
  }

  /** The shortest JSON of a string. */
  static void quote(String text, StringBuilder into) {
    into.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> into.append("\\\"");
        case '\\' -> into.append("\\\\");
        case '\b' -> into.append("\\b");
        case '\f' -> into.append("\\f");
        case '\n' -> into.append("\\n");
        case '\r' -> into.append("\\r");
        case '\t' -> into.append("\\t");
        default -> {
          if (c < ' ') {
            into.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            into.append(c);
          }
        }
      }
    }
    into.append('"');
  }

  private static Rejection emptyKey(String name) {
    return new Rejection(Reason.MISSING_FIELD, name, "expected at least one character, found none");
  }

  static String key(JsonParser parser) throws Rejection {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return parser.getString();
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrongType("key", "a string or an integer", parser);
    }
    return key(parser.getString());
  }

  /** Rejects an empty key, because all records without a key would share it. */
  static String key(String text) throws Rejection {
    if (text.isEmpty()) {
      throw emptyKey("key");
    }
    return text("key", text, MAX_KEY);
  }

  static Long whole(String field, JsonParser parser) throws Rejection {
    boolean whole =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (!whole) {
      throw wrongType(field, "a 64-bit integer", parser);
    }
    return parser.getLongValue();
  }

  /** Epoch milliseconds of a number in the unit of the job, or of a string. */
  static long time(JsonParser parser, TokenTimes times) throws Rejection {
    JsonToken at = parser.currentToken();
    try {
      if (at == JsonToken.VALUE_STRING) {
        return TokenTimes.millis(parser.getString());
      }
      boolean seconds = times.unit() == TokenTimes.Unit.S;
      if (seconds && at == JsonToken.VALUE_NUMBER_FLOAT && !parser.isNaN()) {
        return TokenTimes.millisOfSeconds(parser.getDecimalValue());
      }
      if (at == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        return times.millis(parser.getLongValue());
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw wrongTime(times, at == JsonToken.VALUE_STRING ? "another string" : "a larger number");
    } catch (NumberFormatException e) { // a BigDecimal's scale has 32 bits
      throw wrongTime(times, "an exponent of more than 32 bits");
    }
    throw wrongTime(times, kind(at));
  }

  private static Rejection wrongTime(TokenTimes times, String found) {
    String number = times.unit() == TokenTimes.Unit.S ? "a number" : "an integer";
    String expected = number + " in " + times.unit().plural() + " or ISO 8601 with an offset";
    return new Rejection(
        Reason.WRONG_TYPE, "timestamp", "expected " + expected + ", found " + found);
  }

  static boolean flag(String field, JsonParser parser) throws Rejection {
    if (!parser.currentToken().isBoolean()) {
      throw wrongType(field, "true or false", parser);
    }
    return parser.getBooleanValue();
  }

  /** A text that has at most so many characters and is valid Unicode. */
  static String text(String field, String text, int most) throws Rejection {
    if (text.length() > most) {
      String problem = "expected at most " + most + " characters, found " + text.length();
      throw new Rejection(Reason.TOO_LARGE, field, problem);
    }
    if (!Utf8.isEncodable(text)) {
      throw new Rejection(
          Reason.NOT_JSON, field, "expected valid Unicode, found an unpaired surrogate");
    }
    return text;
  }

  static Rejection wrongType(String field, String expected, JsonParser parser) {
    String found = kind(parser.currentToken());
    return new Rejection(Reason.WRONG_TYPE, field, "expected " + expected + ", found " + found);
  }

  /** What a value is, for messages. */
  static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "a number";
    };
  }
}
