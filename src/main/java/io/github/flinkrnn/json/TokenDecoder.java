package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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

  /** The maximum length of the headers that predictions have, in bytes. */
  public static final int MAX_PASSED = 64 << 10;

  /**
   * How many bytes all elements of a record have together of its value, which dead letters show.
   * The same limit is for the rest that each element has: key, headers, and fields of the record.
   */
  private static final int MAX_TOGETHER = 16 << 20;

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
      Pattern.compile(
          "(?s) \\(start marker at \\[.*?\\]\\)|, from `[^`]*`|: enable `.*| \\(for \\w+ starting at .*");

  /** A list of all kinds of values, with numbers that are not JSON. */
  private static final Pattern ANY_VALUE =
      Pattern.compile("(?s): (was expecting|expected a valid value) \\(JSON .*");

  private static final Pattern COMMENT = Pattern.compile("(?s): maybe a \\(non-standard\\) .*");

  private final TokenFields fields;
  private final String[] names; // of the fields of the model
  private final FieldPath root;
  private final HeaderFields headers; // null for none
  private final Set<String> passed; // the headers that predictions have; null for none
  private final Reads reads;
  private final int maxBytes;
  private final boolean keepsBytes;
  private final FeatureArray features = new FeatureArray();

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
    this.headers = HeaderFields.of(fields);
    List<String> passedOn = fields.form().passedHeaders();
    this.passed = passedOn.isEmpty() ? null : Set.copyOf(passedOn);
    this.reads = reads;
    this.maxBytes = maxBytes;
    this.keepsBytes = keepsBytes;
  }

  /** Receives what becomes of the elements of a record's array, in their order. */
  public interface Elements {
    void token(Token token);

    /**
     * @param element the record, with the index of the element
     */
    void rejected(Rejection why, SourceRecord element);
  }

  /**
   * The token of a record, or its tombstone.
   *
   * @throws Rejection if the record is not a token
   */
  public Token decode(SourceRecord record) throws Rejection {
    try {
      return isTombstone(record) ? tombstone(record) : token(draft(record), record, passed(record));
    } catch (Rejection e) {
      throw e.placed(fields);
    }
  }

  private boolean isTombstone(SourceRecord record) {
    return record.value() == null && fields.form().tombstonesEnd();
  }

  /** Whether a record holds an array of tokens. Then {@link #decodeEach} is to be called. */
  public boolean readsArrays() {
    return fields.form().isArray();
  }

  /**
   * Decodes the array of tokens of a record. Their source records, and those of rejected elements,
   * share the bytes of the record, or, if it is long and has many elements, its first bytes.
   *
   * @throws Rejection if the record as a whole is rejected
   */
  public void decodeEach(SourceRecord record, Elements to) throws Rejection {
    try {
      if (isTombstone(record)) {
        to.token(tombstone(record));
      } else {
        decodeAll(record, to);
      }
    } catch (Rejection e) {
      throw e.placed(fields);
    }
  }

  private void decodeAll(SourceRecord record, Elements to) throws Rejection {
    TokenDraft draft = draft(record);
    List<Object> elements = draft.elements();
    checkShared(record, draft, elements.size());
    Header[] kept = passed(record);
    byte[] shown = shown(record.value(), elements.size());
    for (int i = 0; i < elements.size(); i++) {
      SourceRecord element = record.element(shown, i);
      try {
        if (elements.get(i) instanceof Rejection rejection) {
          throw rejection;
        }
        to.token(token((TokenDraft) elements.get(i), element, kept));
      } catch (Rejection e) {
        to.rejected(e.placed(fields), element);
      }
    }
  }

  /**
   * Each element has the key, the headers and the shared fields of its record. They are in memory
   * once, but in the network, in a state and in dead letters as often as there are elements.
   */
  private void checkShared(SourceRecord record, TokenDraft draft, int elements) throws Rejection {
    long key = record.key() == null ? 0 : record.key().length;
    long shared = key + Header.bytes(record.headers()) + draft.sharedBytes();
    if (shared * elements > MAX_TOGETHER) {
      throw new Rejection(
          Reason.TOO_LARGE,
          fields.form().each()
              + ": expected at most "
              + MAX_TOGETHER
              + " bytes of key, headers and fields with ^ in all tokens together, found "
              + elements
              + " tokens with "
              + shared
              + " bytes each");
    }
  }

  /** The bytes of a record that each of its elements shows in a dead letter. */
  private static byte[] shown(byte[] value, int elements) {
    if (elements < 2) {
      return value;
    }
    int most = Math.min(RejectedRecordEncoder.MAX_BYTES, MAX_TOGETHER / elements);
    return value.length <= most ? value : Arrays.copyOf(value, most);
  }

  private Token tombstone(SourceRecord record) throws Rejection {
    TokenDraft draft = new TokenDraft(fields, names, reads, features);
    if (headers != null) {
      headers.readKey(record, draft);
    }
    return draft.tombstone(record, record.withoutBytes());
  }

  private TokenDraft draft(SourceRecord record) throws Rejection {
    return record.takeParsed() instanceof TokenDraft found && found.serves(fields, reads)
        ? found
        : parse(record, reads);
  }

  private Token token(TokenDraft draft, SourceRecord record, Header[] kept) throws Rejection {
    SourceRecord source = keepsBytes ? record : record.withoutBytes(kept);
    Token token = draft.token(record, reads, source);
    if (token.features() != null) {
      features.expect(token.features().length);
    }
    return token;
  }

  /** The headers that are passed on; null for none. */
  private Header[] passed(SourceRecord record) throws Rejection {
    if (passed == null || record.headers() == null) {
      return null;
    }
    Header[] found = Header.named(passed, record.headers());
    long bytes = Header.bytes(found);
    if (bytes > MAX_PASSED) {
      throw new Rejection(
          Reason.TOO_LARGE,
          "output.headers: expected at most " + MAX_PASSED + " bytes, found " + bytes);
    }
    return found;
  }

  /**
   * The event time of a record's token in epoch milliseconds; of several tokens, the latest. A
   * source needs it for its watermarks, before the record is decoded. The result of parsing is kept
   * in the record for {@link #decode}.
   *
   * @param otherwise the result for a record without a valid time
   */
  public long time(SourceRecord record, long otherwise) {
    try {
      TokenDraft draft = parse(record, null);
      record.leaveParsed(draft);
      if (readsArrays()) {
        return latest(record, draft.elements(), otherwise);
      }
      Long time = draft.time(record);
      return time == null ? otherwise : time;
    } catch (Rejection e) {
      return otherwise; // decode reports what is wrong
    }
  }

  /**
   * The latest time of the tokens. A source moves its watermark after it has emitted the record, so
   * that none of the tokens is late because of the others.
   */
  private static long latest(SourceRecord record, List<Object> elements, long otherwise) {
    long latest = otherwise;
    for (Object element : elements) {
      Long time = element instanceof TokenDraft draft ? time(draft, record) : null;
      latest = time == null ? latest : Math.max(latest, time);
    }
    return latest;
  }

  private static Long time(TokenDraft draft, SourceRecord record) {
    try {
      return draft.time(record);
    } catch (Rejection e) {
      return null; // decode reports it
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
    TokenDraft draft = new TokenDraft(fields, names, known, features);
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), value)) {
      readAll(parser, draft);
      if (headers != null) {
        draft.read(headers, record);
      }
    } catch (StreamConstraintsException e) {
      boolean deep = e.getOriginalMessage().contains("nesting depth");
      throw new Rejection(deep ? Reason.TOO_DEEP : Reason.TOO_LARGE, oneLine(e));
    } catch (JacksonException e) {
      throw new Rejection(Reason.NOT_JSON, oneLine(e));
    }
    if (readsArrays()) {
      draft.share();
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
          Reason.WRONG_TYPE, "expected a JSON object, found " + StandardFieldReader.kind(first));
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
    said = ANY_VALUE.matcher(said).replaceFirst(": expected a JSON value");
    said = COMMENT.matcher(said).replaceFirst(": JSON has no comments");
    String line = CONTROL.matcher(said).replaceAll(" ");
    return Utf8.cut(line, 300);
  }
}
