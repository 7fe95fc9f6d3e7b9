package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.Utf8;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads tokens from JSON records in one pass, without a tree. A record is untrusted: whatever its
 * bytes, the result is a token or a {@link Rejection}. Whether the model knows the word or takes
 * this number of features is not checked here. If a field is given twice, the last one counts, but
 * both must be valid. Not thread-safe.
 */
@Internal
public final class TokenDecoder {
  /** Where x&lt;t&gt; is. A field that is not x&lt;t&gt; may hold any value. */
  public enum Reads {
    /** {@code token}. */
    WORD,
    /** {@code features}. */
    FEATURES,
    /** The fields of {@link TokenFields#values}. */
    VALUES
  }

  /** The default maximum length of a record: Kafka's own default. */
  public static final int DEFAULT_MAX_BYTES = 1 << 20;

  // Python's json.dumps writes NaN and Infinity. They are parsed to be rejected as not finite.
  private final JsonFactory json =
      JsonFactory.builder()
          .recyclerPool(new OwnRecycler())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(1000).build())
          .build();
  // Control characters, Unicode's line ends, and characters that change the direction of text.
  private static final Pattern CONTROL =
      Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+");

  /** Parts of Jackson's messages that are about Jackson, not about the record. */
  private static final Pattern OF_JACKSON =
      Pattern.compile(" \\(start marker at \\[.*?\\]\\)|, from `[^`]*`");

  private final TokenFields fields;
  private final String[] names; // of the fields of the model
  private final FieldPath root;
  private final Reads reads;
  private final int maxBytes;
  private final boolean keepsBytes;
  private int length; // of the last token's features: a guess for the next

  /** A decoder whose tokens do not keep the bytes of their records. */
  public TokenDecoder(TokenFields fields, Reads reads, int maxBytes) {
    this(fields, reads, maxBytes, false);
  }

  /**
   * @param fields where the token's fields are
   * @param reads the field that a token must have; null if only {@link #time} is called
   * @param maxBytes the maximum length of a record in bytes
   * @param keepsBytes whether a token keeps its record's key and value, so that a later rejection
   *     can show the record as it arrived
   */
  public TokenDecoder(TokenFields fields, Reads reads, int maxBytes, boolean keepsBytes) {
    this.fields = fields;
    this.names = fields.valueNames();
    this.root = FieldPath.tree(fields);
    this.reads = reads;
    this.maxBytes = maxBytes;
    this.keepsBytes = keepsBytes;
  }

  /**
   * The token of a record.
   *
   * @throws Rejection if the record is not a token
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
   * The event time of a record's token in epoch milliseconds. A source needs it for its watermarks,
   * before the record is decoded. The result of parsing is kept in the record for {@link #decode}.
   *
   * @param otherwise the result for a record without a valid time
   */
  public long time(SourceRecord record, long otherwise) {
    try {
      TokenDraft draft = parse(record, null);
      record.leaveParsed(draft);
      Long time = draft.time(record);
      return time == null ? otherwise : time;
    } catch (Rejection e) {
      return otherwise; // decode reports what is wrong
    }
  }

  private TokenDraft parse(SourceRecord record, Reads known) throws Rejection {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      String found = value == null ? "a tombstone (null value)" : "an empty value";
      throw new Rejection(Reason.EMPTY, "expected a JSON object, found " + found);
    }
    if (record.length() > maxBytes) {
      String detail = "expected at most " + maxBytes + " bytes, found " + record.length();
      throw new Rejection(Reason.TOO_LARGE, detail);
    }
    // UTF-32 also begins with zeros, but its bytes 5 and 6 are zeros, too.
    if (value.length > 6 && value[0] == 0 && value[1] == 0 && (value[5] | value[6]) != 0) {
      int schema = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
      throw new Rejection(
          Reason.NOT_JSON,
          "expected JSON, found a zero byte and schema id "
              + schema
              + ", as written by a Confluent serializer");
    }
    // With a zero among the first bytes, the parser would read the record as UTF-16.
    if (!Utf8.isValid(value) || (value.length > 1 && (value[0] == 0 || value[1] == 0))) {
      throw new Rejection(Reason.NOT_JSON, "expected JSON in UTF-8, found other bytes");
    }
    TokenDraft draft = new TokenDraft(fields, names, known, length);
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
      throw new Rejection(Reason.EMPTY, "expected a JSON object, found only white space");
    }
    if (first != JsonToken.START_OBJECT) {
      // Read on, because invalid JSON has another reason.
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
      throw new Rejection(Reason.NOT_JSON, "expected one JSON value, found another after it");
    }
  }

  private static String oneLine(JacksonException e) {
    String said = OF_JACKSON.matcher(e.getOriginalMessage()).replaceAll("");
    String line = CONTROL.matcher(said).replaceAll(" ");
    return Utf8.cut(line, 300);
  }
}
