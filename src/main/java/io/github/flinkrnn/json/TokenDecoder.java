package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.Utf8;
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

  private final TokenFields fields;
  private final FieldPath root;
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
   * @param reads which of them a token must have; null where only {@link #time} is asked
   * @param maxBytes the longest record taken
   * @param keepsBytes whether a token keeps its record's key and value: whoever rejects it later
   *     can then show the record as it came
   */
  public TokenDecoder(TokenFields fields, Reads reads, int maxBytes, boolean keepsBytes) {
    this.fields = fields;
    this.root = FieldPath.tree(fields);
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
    TokenDraft draft =
        record.takeParsed() instanceof TokenDraft found && found.serves(fields, reads)
            ? found
            : parse(record, reads);
    Token token = draft.token(record, reads, keepsBytes);
    if (token.features() != null) {
      length = token.features().length;
    }
    return token;
  }

  /**
   * The time that the token of the record will have, in epoch milliseconds, where a source must
   * know it before the record is decoded: each partition has a watermark of its own there. What was
   * parsed is left with the record for {@link #decode}.
   *
   * @param otherwise what to say of a record that holds no token with a time, or one too far ahead
   */
  public long time(SourceRecord record, long otherwise) {
    try {
      TokenDraft draft = parse(record, null);
      record.leaveParsed(draft);
      Long time = draft.time(record);
      return time == null ? otherwise : time;
    } catch (Rejection e) {
      return otherwise; // decode will say what is wrong
    }
  }

  private TokenDraft parse(SourceRecord record, Reads known) throws Rejection {
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
    TokenDraft draft = new TokenDraft(fields, known, length);
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), value)) {
      readAll(parser, draft);
    } catch (StreamConstraintsException e) {
      boolean deep = e.getOriginalMessage().contains("nesting depth");
      throw new Rejection(deep ? Reason.TOO_DEEP : Reason.TOO_LARGE, oneLine(e));
    } catch (JacksonException e) {
      throw new Rejection(Reason.NOT_JSON, oneLine(e));
    }
    return draft;
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

  private static String oneLine(JacksonException e) {
    String said = OF_JACKSON.matcher(e.getOriginalMessage()).replaceAll("");
    String line = CONTROL.matcher(said).replaceAll(" ");
    return Utf8.cut(line, 300);
  }
}
