package io.github.flinkrnn.json;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.Utf8;
import java.io.StringWriter;
import java.time.DateTimeException;
import java.util.Arrays;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * A token while its record is read: each field found is checked and kept. Where it is not known yet
 * which of {@code token} and {@code features} is x&lt;t&gt;, both are read, and what is wrong with
 * one of them is kept until that one is asked for.
 */
final class TokenDraft {
  // What a prediction repeats is bounded, so that it fits where its record did.
  static final int MAX_KEY = 8 << 10;
  static final int MAX_TEXT = 64 << 10;
  static final int MAX_CARRIED = 128 << 10;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .characterEscapes(ControlEscapes.INSTANCE)
          .build();

  private final TokenFields fields;
  private final Reads reads;
  private final int likelyLength;
  private final String[] carried;
  private final TokenTimes times;
  private int carriedLength;
  private String key;
  private String token;
  private boolean isName; // a string: beside features, a number is no name to show
  private Rejection wordProblem;
  private float[] features;
  private Rejection featuresProblem;
  private boolean isHalf; // the features were not read, because another field stands in them
  private Long seq;
  private Long timestamp;
  private boolean start;
  private boolean end;
  private boolean generate;

  /**
   * @param reads the field that is x&lt;t&gt;; null where that is not known yet
   * @param likelyLength of the features
   */
  TokenDraft(TokenFields fields, Reads reads, int likelyLength) {
    this.fields = fields;
    this.reads = reads;
    this.likelyLength = likelyLength;
    this.times = fields.times();
    this.carried = fields.carried().isEmpty() ? null : new String[fields.carried().size()];
  }

  /** Whether it holds all that a token of these fields needs. */
  boolean serves(TokenFields asked, Reads asks) {
    return fields.equals(asked) && !(isHalf && asks == Reads.FEATURES);
  }

  /** Reads the object or list that the parser has just entered. */
  void read(JsonParser parser, FieldPath path) throws Rejection {
    boolean list = parser.currentToken() == JsonToken.START_ARRAY;
    int index = 0;
    for (JsonToken next = parser.nextToken(); !next.isStructEnd(); next = parser.nextToken()) {
      FieldPath found = path.below.get(list ? Integer.toString(index++) : parser.currentName());
      if (!list) {
        parser.nextToken();
      }
      if (found == null) {
        parser.skipChildren();
      } else if (found.carried.isEmpty()) {
        value(parser, found);
      } else {
        carry(parser, found);
      }
    }
  }

  private void value(JsonParser parser, FieldPath path) throws Rejection {
    for (String field : path.fields) {
      set(field, parser, path);
    }
    JsonToken at = parser.currentToken();
    if (at.isStructStart()) {
      if (path.below.isEmpty()) {
        parser.skipChildren();
      } else {
        read(parser, path);
      }
    }
  }

  /** Keeps the value's text; where fields stand in it too, they are read from that. */
  private void carry(JsonParser parser, FieldPath path) throws Rejection {
    StringWriter writer = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), writer)) {
      copy(parser, generator);
    }
    String text = text("a carried value", writer.toString(), MAX_TEXT);
    for (int i : path.carried) {
      carriedLength += text.length();
      carried[i] = text;
    }
    if (carriedLength > MAX_CARRIED) {
      throw new Rejection(
          Reason.TOO_LARGE, "more than " + MAX_CARRIED + " characters of carried values");
    }
    try (JsonParser again = JSON.createParser(ObjectReadContext.empty(), text)) {
      again.nextToken();
      value(again, path);
    }
  }

  /** Numbers digit by digit: by way of a number type, -0.0 would lose its sign. */
  private static void copy(JsonParser parser, JsonGenerator generator) {
    int depth = 0;
    for (JsonToken at = parser.currentToken(); ; at = parser.nextToken()) {
      if (at.isNumeric() && !parser.isNaN()) {
        generator.writeNumber(parser.getString());
      } else {
        generator.copyCurrentEventExact(parser); // NaN, which no JSON has, becomes a text
      }
      depth += at.isStructStart() ? 1 : at.isStructEnd() ? -1 : 0;
      if (depth == 0) {
        return;
      }
    }
  }

  private void set(String field, JsonParser parser, FieldPath path) throws Rejection {
    JsonToken at = parser.currentToken();
    boolean absent = at == JsonToken.VALUE_NULL;
    switch (field) {
      case "key" -> key = absent ? null : key(parser);
      case "token" -> word(absent ? null : parser);
      case "features" -> features(absent ? null : parser, path);
      case "seq" -> seq = absent ? null : whole(field, parser);
      case "timestamp" -> timestamp = absent ? null : time(parser);
      case "start" -> start = !absent && flag(field, parser);
      case "end" -> end = !absent && flag(field, parser);
      case "generate" -> generate = !absent && flag(field, parser);
      default -> throw new IllegalStateException(field);
    }
  }

  private static String key(JsonParser parser) throws Rejection {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return parser.getString();
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrongType("key", "a text or a whole number", parser);
    }
    return key(parser.getString());
  }

  /** An empty key would be that of everyone who has none. */
  private static String key(String text) throws Rejection {
    if (text.isEmpty()) {
      throw new Rejection(Reason.MISSING_FIELD, "key: empty, expected at least one character");
    }
    return text("key", text, MAX_KEY);
  }

  private void word(JsonParser parser) throws Rejection {
    token = null;
    isName = false;
    if (parser == null) {
      return;
    }
    switch (parser.currentToken()) {
      case VALUE_STRING -> {
        token = text("token", parser.getString(), MAX_TEXT);
        isName = true;
      }
      case VALUE_NUMBER_INT -> token = parser.getString();
      default -> {
        if (reads != Reads.FEATURES) { // else it is one of the user's other fields
          wordProblem = found(wordProblem, wrongType("token", "a string or an integer", parser));
        }
      }
    }
  }

  private void features(JsonParser parser, FieldPath path) throws Rejection {
    features = null;
    if (parser == null || reads == Reads.WORD) {
      return;
    }
    if (reads == null && !path.below.isEmpty()) {
      isHalf = true; // what stands in them may be a field of a token that reads a word
      return;
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      featuresProblem = found(featuresProblem, wrongType("features", "a list of numbers", parser));
      return;
    }
    float[] numbers = new float[likelyLength];
    int length = 0;
    for (JsonToken at = parser.nextToken(); at != JsonToken.END_ARRAY; at = parser.nextToken()) {
      if (length == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(16, 2 * length));
      }
      // By way of double, as the frameworks that trained the model read their numbers.
      numbers[length] = at.isNumeric() ? (float) parser.getDoubleValue() : 0;
      Rejection problem = problem(at, numbers[length], length, parser);
      if (problem != null) {
        featuresProblem = found(featuresProblem, problem);
        parser.skipChildren();
      }
      length++;
    }
    features = length == numbers.length ? numbers : Arrays.copyOf(numbers, length);
  }

  /** Throws what is wrong with x&lt;t&gt;, or keeps it where x&lt;t&gt; may be the other field. */
  private Rejection found(Rejection before, Rejection problem) throws Rejection {
    if (reads != null) {
      throw problem;
    }
    return before == null ? problem : before;
  }

  private static Rejection problem(JsonToken at, float number, int index, JsonParser parser) {
    if (!at.isNumeric()) {
      return wrongType("features[" + index + "]", "a number", parser);
    }
    return Float.isFinite(number)
        ? null
        : new Rejection(Reason.NOT_FINITE, "features[" + index + "]: expected a finite float32");
  }

  private static Long whole(String field, JsonParser parser) throws Rejection {
    boolean whole =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (!whole) {
      throw wrongType(field, "a whole number of 64 bits", parser);
    }
    return parser.getLongValue();
  }

  private long time(JsonParser parser) throws Rejection {
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
      throw wrongTime(at == JsonToken.VALUE_STRING ? "another string" : "a larger number");
    } catch (NumberFormatException e) { // of a BigDecimal, whose scale has 32 bits
      throw wrongTime("an exponent of more than 32 bits");
    }
    throw wrongTime(kind(at));
  }

  private Rejection wrongTime(String found) {
    String whole = times.unit() == TokenTimes.Unit.S ? "a number of " : "a whole number of ";
    String expected = whole + times.unit().plural() + " or ISO 8601 with an offset";
    return new Rejection(Reason.WRONG_TYPE, "timestamp: expected " + expected + ", found " + found);
  }

  private static boolean flag(String field, JsonParser parser) throws Rejection {
    if (!parser.currentToken().isBoolean()) {
      throw wrongType(field, "true or false", parser);
    }
    return parser.getBooleanValue();
  }

  private static String text(String field, String text, int most) throws Rejection {
    if (text.length() > most) {
      String detail = field + ": " + text.length() + " characters, expected at most " + most;
      throw new Rejection(Reason.TOO_LARGE, detail);
    }
    if (!Utf8.isEncodable(text)) {
      throw new Rejection(Reason.NOT_JSON, field + ": half of a surrogate pair is no character");
    }
    return text;
  }

  private static Rejection wrongType(String field, String expected, JsonParser parser) {
    String found = kind(parser.currentToken());
    return new Rejection(Reason.WRONG_TYPE, field + ": expected " + expected + ", found " + found);
  }

  static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "a text";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      default -> "a number";
    };
  }

  /**
   * What was read, with the Kafka record's key and time where the value had none.
   *
   * @param asks the field that is x&lt;t&gt;: it must be there, and be right
   */
  Token token(SourceRecord record, Reads asks, boolean keepsBytes) throws Rejection {
    boolean ofWords = asks == Reads.WORD;
    Rejection problem = ofWords ? wordProblem : featuresProblem;
    if (problem != null) {
      throw problem;
    }
    String sequence = key != null ? key : recordKey(record.key());
    Long time = time(record);
    if (ofWords && token == null) {
      throw new Rejection(Reason.MISSING_FIELD, "token: expected a word");
    }
    if (!ofWords && features == null) {
      throw new Rejection(Reason.MISSING_FIELD, "features: expected a list of numbers");
    }
    return new Token(
        sequence,
        ofWords || isName ? token : null,
        ofWords ? null : features,
        seq,
        time,
        start,
        end,
        generate,
        carried,
        keepsBytes ? record : record.withoutBytes());
  }

  /** The value's own time, else the Kafka record's; null where neither has one. */
  Long time(SourceRecord record) throws Rejection {
    Long itsRecords = record.timestamp();
    if (timestamp == null || itsRecords == null) {
      return timestamp == null ? itsRecords : timestamp;
    }
    if (times.isTooEarly(timestamp, itsRecords)) {
      throw new Rejection(
          Reason.TOO_EARLY,
          "timestamp: "
              + timestamp
              + ", expected at most "
              + times.maxAheadMillis()
              + " ms after the record's "
              + itsRecords);
    }
    return timestamp;
  }

  private static String recordKey(byte[] bytes) throws Rejection {
    if (bytes == null) {
      throw new Rejection(Reason.MISSING_FIELD, "key: neither in the value nor of the record");
    }
    String text = Utf8.decode(bytes);
    if (text == null) {
      throw new Rejection(Reason.WRONG_TYPE, "key: the record's key is not UTF-8");
    }
    return key(text);
  }
}
