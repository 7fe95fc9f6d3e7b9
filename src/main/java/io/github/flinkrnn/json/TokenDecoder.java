package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads tokens out of JSON records, in one pass and without a tree. A record is untrusted: whatever
 * its bytes, the outcome is a token or a {@link Rejection}. Whether a model knows the word, and
 * takes so many numbers, is not asked here. Of a field that is given twice, the last counts. Not
 * thread-safe.
 */
public final class TokenDecoder {
  /**
   * Which field has x&lt;t&gt;: it must be there, and the other is only what a user has beside it.
   */
  public enum Reads {
    /** {@code token}. */
    WORD,
    /** {@code features}. */
    FEATURES
  }

  /** The longest record taken when a job does not say otherwise: Kafka's own default. */
  public static final int DEFAULT_MAX_BYTES = 1 << 20;

  // Python's json.dumps writes NaN and Infinity: read them, to say what is wrong with them.
  private final JsonFactory json =
      JsonFactory.builder()
          .recyclerPool(new OwnRecycler())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(1000).build())
          .build();
  // Besides ASCII's: the line ends of Unicode, and what turns a text around.
  private static final Pattern CONTROL =
      Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+");

  /** What Jackson says of itself and not of the record. */
  private static final Pattern OF_JACKSON =
      Pattern.compile(" \\(start marker at \\[.*?\\]\\)|, from `[^`]*`");

  private final FieldPath root;
  private final int carried;
  private final TokenTimes times;
  private final Reads reads;
  private final int maxBytes;
  private final boolean keepsBytes;
  private int length; // of the features of the last token, and most likely of the next

  /** A decoder whose tokens do not keep the bytes of their records. */
  public TokenDecoder(TokenFields fields, Reads reads, int maxBytes) {
    this(fields, reads, maxBytes, false);
  }

  /**
   * @param fields where the token's fields stand
   * @param reads which of them a token must have
   * @param maxBytes the longest record taken
   * @param keepsBytes whether a token keeps its record's key and value: whoever rejects it later
   *     can then show the record as it came
   */
  public TokenDecoder(TokenFields fields, Reads reads, int maxBytes, boolean keepsBytes) {
    this.root = FieldPath.tree(fields);
    this.carried = fields.carried().size();
    this.times = fields.times();
    this.reads = reads;
    this.maxBytes = maxBytes;
    this.keepsBytes = keepsBytes;
  }

  /**
   * The token of a record.
   *
   * @throws Rejection when it holds none
   */
  public Token decode(SourceRecord record) throws Rejection {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      String what = value == null ? "a tombstone (null value)" : "an empty value";
      throw new Rejection(Reason.EMPTY, what);
    }
    if (record.length() > maxBytes) {
      String detail = record.length() + " bytes, expected at most " + maxBytes;
      throw new Rejection(Reason.TOO_LARGE, detail);
    }
    // In UTF-32 two zeros would be behind the first character as well.
    if (value.length > 6 && value[0] == 0 && value[1] == 0 && (value[5] | value[6]) != 0) {
      int schema = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
      throw new Rejection(
          Reason.NOT_JSON,
          "begins with a zero byte and schema id "
              + schema
              + ", as a Confluent serializer writes; expected JSON only");
    }
    // A zero among the first bytes would make the parser take the text for UTF-16.
    if (!Utf8.isValid(value) || (value.length > 1 && (value[0] == 0 || value[1] == 0))) {
      throw new Rejection(Reason.NOT_JSON, "not UTF-8");
    }
    TokenDraft draft = new TokenDraft(reads, length, carried, times);
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), value)) {
      readAll(parser, draft);
    } catch (StreamConstraintsException e) {
      boolean deep = e.getOriginalMessage().contains("nesting depth");
      throw new Rejection(deep ? Reason.TOO_DEEP : Reason.TOO_LARGE, oneLine(e));
    } catch (JacksonException e) {
      throw new Rejection(Reason.NOT_JSON, oneLine(e));
    }
    Token token = draft.token(record, keepsBytes);
    check(token);
    return token;
  }

  private void readAll(JsonParser parser, TokenDraft draft) throws Rejection {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new Rejection(Reason.EMPTY, "nothing but white space");
    }
    if (first != JsonToken.START_OBJECT) {
      // Read on: what is no JSON at all is rejected as that.
      parser.skipChildren();
      expectEnd(parser);
      throw new Rejection(
          Reason.WRONG_TYPE, "expected a JSON object, found " + TokenDraft.kind(first));
    }
    draft.read(parser, root);
    expectEnd(parser);
  }

  private static void expectEnd(JsonParser parser) throws Rejection {
    if (parser.nextToken() != null) {
      throw new Rejection(Reason.NOT_JSON, "more than one JSON value");
    }
  }

  private void check(Token token) throws Rejection {
    if (reads == Reads.WORD && token.token() == null) {
      throw new Rejection(Reason.MISSING_FIELD, "token: expected a word");
    }
    if (reads == Reads.FEATURES) {
      if (token.features() == null) {
        throw new Rejection(Reason.MISSING_FIELD, "features: expected a list of numbers");
      }
      length = token.features().length;
    }
  }

  private static String oneLine(JacksonException e) {
    String said = OF_JACKSON.matcher(e.getOriginalMessage()).replaceAll("");
    String line = CONTROL.matcher(said).replaceAll(" ");
    return Utf8.cut(line, 300);
  }
}
