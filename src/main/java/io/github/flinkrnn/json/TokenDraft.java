package io.github.flinkrnn.json;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  /** The most characters of all carried values of a token together. */
  static final int MAX_CARRIED = 128 << 10;

  /** The most tokens of one record. */
  static final int MAX_ELEMENTS = 10_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .characterEscapes(ControlEscapes.INSTANCE)
          .build();

  private final TokenFields fields;
  private final Reads reads;
  private final FeatureArray featureArray;
  private final boolean isElement; // of the array of a record
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
  private final String[] parts; // of a composite key, as JSON; null for a key that is one value

  // Only of a record with an array of tokens:
  private List<Object> elements; // each a TokenDraft, or the Rejection of one; null for no array
  private Rejection arrayProblem;
  private Rejection problem; // of a field that all elements share

  /**
   * @param names of the fields of the model, shared by all tokens
   * @param reads the field that is x&lt;t&gt;; null if that is not known yet
   * @param featureArray for the features, shared by all tokens
   */
  TokenDraft(TokenFields fields, String[] names, Reads reads, FeatureArray featureArray) {
    this(fields, names, reads, featureArray, false);
  }

  private TokenDraft(
      TokenFields fields,
      String[] names,
      Reads reads,
      FeatureArray featureArray,
      boolean isElement) {
    this.isElement = isElement;
    this.names = names;
    this.fields = fields;
    this.reads = reads;
    this.featureArray = featureArray;
    this.times = fields.times();
    this.parts =
        fields.form().keyParts().isEmpty() ? null : new String[fields.form().keyParts().size()];
    this.values = names.length == 0 ? null : new Object[names.length];
    this.carried = fields.carried().isEmpty() ? null : new String[fields.carried().size()];
  }

  /** Whether it can become a token with these fields. */
  boolean serves(TokenFields asked, Reads asks) {
    if (!fields.equals(asked) || (isHalf && asks == Reads.FEATURES)) {
      return false;
    }
    for (int i = 0; elements != null && i < elements.size(); i++) {
      if (elements.get(i) instanceof TokenDraft draft && draft.isHalf && asks == Reads.FEATURES) {
        return false;
      }
    }
    return true;
  }

  /**
   * The tokens of a record with an array of them: each a draft, or the rejection of one.
   *
   * @throws Rejection if there is no such array
   */
  List<Object> elements() throws Rejection {
    if (arrayProblem != null) {
      throw arrayProblem;
    }
    if (elements == null) {
      throw new Rejection(
          Reason.MISSING_FIELD, fields.form().each(), "missing: expected an array of tokens");
    }
    return elements;
  }

  /** Gives all elements the fields that they share. */
  void share() {
    for (int i = 0; elements != null && i < elements.size(); i++) {
      if (elements.get(i) instanceof TokenDraft draft) {
        elements.set(i, problem == null ? draft.share(this) : problem);
      }
    }
  }

  /** Takes the fields of the record. Each field is in only one of the two places. */
  private Object share(TokenDraft record) {
    key = key == null ? record.key : key;
    if (record.token != null) {
      token = record.token;
      isName = record.isName;
    }
    wordProblem = wordProblem == null ? record.wordProblem : wordProblem;
    features = features == null ? record.features : features;
    featuresProblem = featuresProblem == null ? record.featuresProblem : featuresProblem;
    isHalf |= record.isHalf;
    seq = seq == null ? record.seq : seq;
    timestamp = timestamp == null ? record.timestamp : timestamp;
    start |= record.start;
    end |= record.end;
    generate |= record.generate;
    share(parts, record.parts);
    share(values, record.values);
    share(carried, record.carried);
    carriedLength += record.carriedLength;
    return carriedLength > MAX_CARRIED ? tooMuchCarried() : this;
  }

  /** About how many bytes each token has of the fields that {@link #share} gives to all. */
  long sharedBytes() {
    return bytes(key)
        + bytes(token)
        + (features == null ? 0 : (long) Float.BYTES * features.length)
        + bytes((Object[]) parts)
        + bytes(values)
        + bytes((Object[]) carried);
  }

  private static long bytes(Object... values) {
    long bytes = 0;
    for (int i = 0; values != null && i < values.length; i++) {
      if (values[i] instanceof String text) {
        bytes += text.length();
      } else if (values[i] instanceof double[] numbers) {
        bytes += (long) Double.BYTES * numbers.length;
      }
    }
    return bytes;
  }

  private static void share(Object[] own, Object[] others) {
    for (int i = 0; own != null && i < own.length; i++) {
      own[i] = own[i] == null ? others[i] : own[i];
    }
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
      } else if (fields.form().isArray()) {
        part(parser, found);
      } else if (found.carried.isEmpty()) {
        value(parser, found);
      } else {
        carry(parser, found);
      }
    }
  }

  /** Reads a value of an element, or one that all elements share: whose problem is kept. */
  private void part(JsonParser parser, FieldPath path) throws Rejection {
    int within = parser.currentToken().isStructStart() ? 1 : 0;
    int depth = parser.streamReadContext().getNestingDepth() - within;
    try {
      if (path.carried.isEmpty()) {
        value(parser, path);
      } else {
        carry(parser, path);
      }
    } catch (Rejection e) {
      if (isElement) {
        throw e;
      }
      problem = problem == null ? e : problem;
      skipTo(depth, parser);
    }
  }

  /** Skips what is deeper within objects and arrays. */
  private static void skipTo(int depth, JsonParser parser) {
    while (parser.streamReadContext().getNestingDepth() > depth) {
      parser.nextToken();
    }
  }

  private void elements(JsonParser parser, FieldPath root) {
    elements = null;
    JsonToken at = parser.currentToken();
    if (at == JsonToken.VALUE_NULL) {
      return;
    }
    if (at != JsonToken.START_ARRAY) {
      arrayProblem =
          StandardFieldReader.wrongType(fields.form().each(), "an array of tokens", parser);
      parser.skipChildren();
      return;
    }
    elements = new ArrayList<>();
    int depth = parser.streamReadContext().getNestingDepth();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (elements.size() == MAX_ELEMENTS) {
        arrayProblem =
            new Rejection(
                Reason.TOO_LARGE,
                fields.form().each(),
                "expected at most " + MAX_ELEMENTS + " tokens");
        skipTo(depth - 1, parser);
        return;
      }
      elements.add(element(parser, root, depth));
    }
  }

  private Object element(JsonParser parser, FieldPath root, int depth) {
    if (!parser.currentToken().isStructStart()) {
      return new Rejection(
          Reason.WRONG_TYPE,
          "expected a JSON object, found " + StandardFieldReader.kind(parser.currentToken()));
    }
    TokenDraft draft = new TokenDraft(fields, names, reads, featureArray, true);
    try {
      draft.read(parser, root);
      return draft;
    } catch (Rejection e) {
      skipTo(depth, parser);
      return e;
    }
  }

  private void value(JsonParser parser, FieldPath path) throws Rejection {
    if (path.element != null) {
      elements(parser, path.element);
      return;
    }
    for (String field : path.fields) {
      set(field, parser, path);
    }
    for (int i : path.parts) {
      parts[i] = StandardFieldReader.keyPart(i, parser);
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
    String text =
        StandardFieldReader.text("carried value", writer.toString(), StandardFieldReader.MAX_TEXT);
    for (int i : path.carried) {
      carriedLength += text.length();
      carried[i] = text;
    }
    if (carriedLength > MAX_CARRIED) {
      throw tooMuchCarried();
    }
    try (JsonParser again = JSON.createParser(ObjectReadContext.empty(), text)) {
      again.nextToken();
      value(again, path);
    }
  }

  private static Rejection tooMuchCarried() {
    return new Rejection(
        Reason.TOO_LARGE, "carried values: expected at most " + MAX_CARRIED + " characters");
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

  /** Sets the fields that are headers of the record. */
  void read(HeaderFields headers, SourceRecord record) throws Rejection {
    try {
      headers.read(record, this);
    } catch (Rejection e) {
      if (!fields.form().isArray()) {
        throw e;
      }
      problem = problem == null ? e : problem;
    }
  }

  /** Sets the fields that are a header. It is a string, and for other types the JSON in it. */
  void header(String text, FieldPath path) throws Rejection {
    if (!path.carried.isEmpty()) {
      try (JsonParser parser = parser(text, true)) {
        FieldPath copied = new FieldPath();
        copied.carried.addAll(path.carried);
        carry(parser, copied);
      }
    }
    for (String field : path.fields) {
      try (JsonParser parser = parser(text, field.equals("key") || field.equals("token"))) {
        set(field, parser, path);
        expectEnd(field, parser);
      }
    }
    for (int i : path.parts) {
      try (JsonParser parser = parser(text, true)) {
        parts[i] = StandardFieldReader.keyPart(i, parser);
      }
    }
    for (int i : path.values) {
      TokenFields.Value field = fields.values().get(i);
      try (JsonParser parser = parser(text, field.isCategory())) {
        values[i] = FieldValueReader.read(field.name(), parser, false);
        expectEnd(field.name(), parser);
      }
    }
  }

  private static JsonParser parser(String text, boolean isText) {
    boolean isJson =
        FieldValueReader.isNumber(text)
            || text.equals("true")
            || text.equals("false")
            || text.startsWith("[");
    String json = text;
    if (isText || !isJson) {
      StringBuilder quoted = new StringBuilder();
      StandardFieldReader.quote(text, quoted);
      json = quoted.toString();
    }
    JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json);
    parser.nextToken();
    return parser;
  }

  private static void expectEnd(String field, JsonParser parser) throws Rejection {
    parser.skipChildren();
    if (parser.nextToken() != null) {
      throw new Rejection(
          Reason.WRONG_TYPE, field, "expected one JSON value in the header, found more");
    }
  }

  private void set(String field, JsonParser parser, FieldPath path) throws Rejection {
    JsonToken at = parser.currentToken();
    boolean absent = at == JsonToken.VALUE_NULL;
    switch (field) {
      case "key" -> key = absent ? null : StandardFieldReader.key(parser);
      case "token" -> word(absent ? null : parser);
      case "features" -> features(absent ? null : parser, path);
      case "seq" -> seq = absent ? null : StandardFieldReader.whole(field, parser);
      case "timestamp" -> timestamp = absent ? null : StandardFieldReader.time(parser, times);
      case "start" -> start = !absent && StandardFieldReader.flag(field, parser);
      case "end" -> end = !absent && StandardFieldReader.flag(field, parser);
      case "generate" -> generate = !absent && StandardFieldReader.flag(field, parser);
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

  private void word(JsonParser parser) throws Rejection {
    token = null;
    isName = false;
    if (parser == null) {
      return;
    }
    switch (parser.currentToken()) {
      case VALUE_STRING -> {
        token = StandardFieldReader.text("token", parser.getString(), StandardFieldReader.MAX_TEXT);
        isName = true;
      }
      case VALUE_NUMBER_INT -> token = parser.getString();
      default -> {
        if (reads != Reads.FEATURES && reads != Reads.VALUES) { // otherwise it may hold any value
          wordProblem =
              found(
                  wordProblem,
                  StandardFieldReader.wrongType("token", "a string or an integer", parser));
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
          found(
              featuresProblem,
              StandardFieldReader.wrongType("features", "an array of numbers", parser));
      return;
    }
    float[] numbers = featureArray.take();
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
    features = featureArray.of(numbers, length);
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
      String found = StandardFieldReader.kind(parser.currentToken());
      return new Rejection(
          Reason.WRONG_TYPE, "features", index, "expected a number, found " + found);
    }
    return Float.isFinite(number)
        ? null
        : new Rejection(Reason.NOT_FINITE, "features", index, "expected a finite float32");
  }

  /**
   * The token, with the Kafka record's key and time if the value has none.
   *
   * @param asks the field that is x&lt;t&gt;
   * @param kept what the token keeps of the record
   * @throws Rejection if that field or the key is missing or invalid
   */
  Token token(SourceRecord record, Reads asks, SourceRecord kept) throws Rejection {
    boolean ofWords = asks == Reads.WORD;
    boolean ofFeatures = asks == Reads.FEATURES;
    Rejection problem = ofWords ? wordProblem : ofFeatures ? featuresProblem : null;
    if (problem != null) {
      throw problem;
    }
    String sequence = sequenceKey(record);
    Long time = time(record);
    if (ofWords && token == null) {
      throw new Rejection(
          Reason.MISSING_FIELD, "token", "missing: expected a string or an integer");
    }
    if (ofFeatures && features == null) {
      throw new Rejection(
          Reason.MISSING_FIELD, "features", "missing: expected an array of numbers");
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
        isKeyed() ? kept.asKeyed() : kept);
  }

  /** The tombstone of a record without a value. */
  Token tombstone(SourceRecord record, SourceRecord kept) throws Rejection {
    return Token.tombstone(sequenceKey(record), isKeyed() ? kept.asKeyed() : kept);
  }

  /** Whether the sequence key is made of the Kafka record's key, and not its UTF-8. */
  private boolean isKeyed() {
    return key == null && parts == null && fields.form().keyFormat() != KeyFormat.STRING;
  }

  private String sequenceKey(SourceRecord record) throws Rejection {
    if (parts != null) {
      return composite();
    }
    return key != null ? key : recordKey(record.key());
  }

  private String composite() throws Rejection {
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] == null) {
        throw new Rejection(
            Reason.MISSING_FIELD,
            TokenFields.keyPart(i),
            "missing: expected a string or an integer");
      }
    }
    return StandardFieldReader.text(
        "key", "[" + String.join(",", parts) + "]", StandardFieldReader.MAX_KEY);
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
          "timestamp",
          "expected at most "
              + times.maxAheadMillis()
              + " ms after the record's "
              + itsRecords
              + ", found "
              + timestamp);
    }
    return timestamp;
  }

  private String recordKey(byte[] bytes) throws Rejection {
    if (bytes == null) {
      String place = TokenFields.isHeader(fields.pointer("key")) ? "header" : "value";
      throw new Rejection(
          Reason.MISSING_FIELD,
          "key",
          "missing: expected it in the " + place + " or as the record's key");
    }
    return StandardFieldReader.key(fields.form().keyFormat().text(bytes));
  }
}
