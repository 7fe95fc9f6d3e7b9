package io.github.flinkrnn.json;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.FieldValues;
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
 * A token while its record is read. Each field is checked when it is found. As long as it is not
 * known which of {@code token} and {@code features} is x&lt;t&gt;, both are read. A problem of
 * either is kept, and is thrown if that field turns out to be x&lt;t&gt;.
 */
final class TokenDraft {
  // Limits for what a prediction repeats from its record, so that it fits into a topic like the
  // record's.
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
  private boolean isName; // the token is a string; with features, only a string is a name
  private Rejection wordProblem;
  private float[] features;
  private Rejection featuresProblem;
  private boolean isHalf; // the features were not read, because they contain another field
  private final String[] names; // of the fields of the model
  private final Object[] values; // of the fields of the model; null for none
  private Long seq;
  private Long timestamp;
  private boolean start;
  private boolean end;
  private boolean generate;

  /**
   * @param names of the fields of the model, shared by all tokens
   * @param reads the field that is x&lt;t&gt;; null if that is not known yet
   * @param likelyLength the likely length of the features
   */
  TokenDraft(TokenFields fields, String[] names, Reads reads, int likelyLength) {
    this.names = names;
    this.fields = fields;
    this.reads = reads;
    this.likelyLength = likelyLength;
    this.times = fields.times();
    this.values = names.length == 0 ? null : new Object[names.length];
    this.carried = fields.carried().isEmpty() ? null : new String[fields.carried().size()];
  }

  /** Whether it can become a token with these fields. */
  boolean serves(TokenFields asked, Reads asks) {
    return fields.equals(asked) && !(isHalf && asks == Reads.FEATURES);
  }

  /** Reads the object or array that the parser has just entered. */
  void read(JsonParser parser, FieldPath path) throws Rejection {
    boolean array = parser.currentToken() == JsonToken.START_ARRAY;
    int index = 0;
    for (JsonToken next = parser.nextToken(); !next.isStructEnd(); next = parser.nextToken()) {
      FieldPath found = path.below.get(array ? Integer.toString(index++) : parser.currentName());
      if (!array) {
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
    if (!path.values.isEmpty()) {
      setValues(parser, path);
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

  /** Keeps the JSON of the value, and reads fields inside the value from that JSON. */
  private void carry(JsonParser parser, FieldPath path) throws Rejection {
    StringWriter writer = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), writer)) {
      copy(parser, generator);
    }
    String text = text("carried value", writer.toString(), MAX_TEXT);
    for (int i : path.carried) {
      carriedLength += text.length();
      carried[i] = text;
    }
    if (carriedLength > MAX_CARRIED) {
      throw new Rejection(
          Reason.TOO_LARGE, "carried values: expected at most " + MAX_CARRIED + " characters");
    }
    try (JsonParser again = JSON.createParser(ObjectReadContext.empty(), text)) {
      again.nextToken();
      value(again, path);
    }
  }

  /** Copies numbers digit by digit: a number type would lose the sign of -0.0. */
  private static void copy(JsonParser parser, JsonGenerator generator) {
    int depth = 0;
    for (JsonToken at = parser.currentToken(); ; at = parser.nextToken()) {
      if (at.isNumeric() && !parser.isNaN()) {
        generator.writeNumber(parser.getString());
      } else {
        generator.copyCurrentEventExact(parser); // NaN becomes a string
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

  /** Sets the values of the model's fields at this place, which may be several. */
  private void setValues(JsonParser parser, FieldPath path) throws Rejection {
    Object array = null;
    for (int i : path.values) {
      TokenFields.Value field = fields.values().get(i);
      boolean isNumeric = fields.numericStrings() && !field.isCategory();
      // Reading an array moves the parser, so that it can be read only once.
      values[i] = array != null ? array : FieldValueReader.read(field.name(), parser, isNumeric);
      array = values[i] instanceof double[] ? values[i] : null;
    }
  }

  private static String key(JsonParser parser) throws Rejection {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return parser.getString();
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrongType("key", "a string or an integer", parser);
    }
    return key(parser.getString());
  }

  /** Rejects an empty key, because all records without a key would share it. */
  private static String key(String text) throws Rejection {
    if (text.isEmpty()) {
      throw new Rejection(Reason.MISSING_FIELD, "key: expected at least one character, found none");
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
        if (reads != Reads.FEATURES && reads != Reads.VALUES) { // otherwise it may hold any value
          wordProblem = found(wordProblem, wrongType("token", "a string or an integer", parser));
        }
      }
    }
  }

  private void features(JsonParser parser, FieldPath path) throws Rejection {
    features = null;
    if (parser == null || reads == Reads.WORD || reads == Reads.VALUES) {
      return;
    }
    if (reads == null && !path.below.isEmpty()) {
      isHalf = true; // a model of words may need a field inside them
      return;
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      featuresProblem =
          found(featuresProblem, wrongType("features", "an array of numbers", parser));
      return;
    }
    float[] numbers = new float[likelyLength];
    int length = 0;
    for (JsonToken at = parser.nextToken(); at != JsonToken.END_ARRAY; at = parser.nextToken()) {
      if (length == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(16, 2 * length));
      }
      // Parsed as double and then rounded, as in the frameworks that trained the model.
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

  /** Throws a problem of x&lt;t&gt;, or keeps it while x&lt;t&gt; may be the other field. */
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
      throw wrongType(field, "a 64-bit integer", parser);
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
    } catch (NumberFormatException e) { // a BigDecimal's scale has 32 bits
      throw wrongTime("an exponent of more than 32 bits");
    }
    throw wrongTime(kind(at));
  }

  private Rejection wrongTime(String found) {
    String number = times.unit() == TokenTimes.Unit.S ? "a number" : "an integer";
    String expected = number + " in " + times.unit().plural() + " or ISO 8601 with an offset";
    return new Rejection(Reason.WRONG_TYPE, "timestamp: expected " + expected + ", found " + found);
  }

  private static boolean flag(String field, JsonParser parser) throws Rejection {
    if (!parser.currentToken().isBoolean()) {
      throw wrongType(field, "true or false", parser);
    }
    return parser.getBooleanValue();
  }

  static String text(String field, String text, int most) throws Rejection {
    if (text.length() > most) {
      String detail = field + ": expected at most " + most + " characters, found " + text.length();
      throw new Rejection(Reason.TOO_LARGE, detail);
    }
    if (!Utf8.isEncodable(text)) {
      throw new Rejection(
          Reason.NOT_JSON, field + ": expected valid Unicode, found an unpaired surrogate");
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
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "a number";
    };
  }

  /**
   * The token, with the Kafka record's key and time if the value has none.
   *
   * @param asks the field that is x&lt;t&gt;
   * @throws Rejection if that field or the key is missing or invalid
   */
  Token token(SourceRecord record, Reads asks, boolean keepsBytes) throws Rejection {
    boolean ofWords = asks == Reads.WORD;
    boolean ofFeatures = asks == Reads.FEATURES;
    Rejection problem = ofWords ? wordProblem : ofFeatures ? featuresProblem : null;
    if (problem != null) {
      throw problem;
    }
    String sequence = key != null ? key : recordKey(record.key());
    Long time = time(record);
    if (ofWords && token == null) {
      throw new Rejection(Reason.MISSING_FIELD, "token: missing: expected a string or an integer");
    }
    if (ofFeatures && features == null) {
      throw new Rejection(Reason.MISSING_FIELD, "features: missing: expected an array of numbers");
    }
    return new Token(
        sequence,
        ofWords || isName ? token : null,
        ofFeatures ? features : null,
        values == null ? null : new FieldValues(names, values),
        seq,
        time,
        start,
        end,
        generate,
        carried,
        keepsBytes ? record : record.withoutBytes());
  }

  /** The time in the value, otherwise that of the Kafka record; null if neither has one. */
  Long time(SourceRecord record) throws Rejection {
    Long itsRecords = record.timestamp();
    if (timestamp == null || itsRecords == null) {
      return timestamp == null ? itsRecords : timestamp;
    }
    if (times.isTooEarly(timestamp, itsRecords)) {
      throw new Rejection(
          Reason.TOO_EARLY,
          "timestamp: expected at most "
              + times.maxAheadMillis()
              + " ms after the record's "
              + itsRecords
              + ", found "
              + timestamp);
    }
    return timestamp;
  }

  private static String recordKey(byte[] bytes) throws Rejection {
    if (bytes == null) {
      throw new Rejection(
          Reason.MISSING_FIELD, "key: missing: expected it in the value or as the record's key");
    }
    String text = Utf8.decode(bytes);
    if (text == null) {
      throw new Rejection(Reason.WRONG_TYPE, "key: expected the record's key in UTF-8");
    }
    return key(text);
  }
}
