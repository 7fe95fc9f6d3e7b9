package io.github.flinkrnn.sequence;

import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized form of a token, format 1, in the parts that {@link RecordBytes} defines:
 *
 * <pre>
 * number   how many bytes follow
 * number   which fields are present, one bit each, from the lowest: token, features, seq,
 *          timestamp, start, end, generate, carried, source, values,
 *          tombstone
 * string   key
 * string   token
 * floats   features
 * signed   seq
 * signed   timestamp
 *          (start, end, generate and tombstone have only their bits)
 * number   how many carried values, then a string for each
 * source   as {@link SourceRecordSerializer} writes it, without its length
 * values   as {@link FieldValuesSerializer} writes them, without their length
 * </pre>
 *
 * A field whose bit is not set is left out. A word from a Kafka topic, with its timestamp,
 * therefore takes about 15 bytes more than its key, its word and the name of the topic.
 */
@Internal
public final class TokenSerializer extends RecordSerializer<Token> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a token";

  private static final int TOKEN = 1;
  private static final int FEATURES = 1 << 1;
  private static final int SEQ = 1 << 2;
  private static final int TIMESTAMP = 1 << 3;
  private static final int START = 1 << 4;
  private static final int END = 1 << 5;
  private static final int GENERATE = 1 << 6;
  private static final int CARRIED = 1 << 7;
  private static final int SOURCE = 1 << 8;
  private static final int VALUES = 1 << 9;
  private static final int TOMBSTONE = 1 << 10;
  private static final int FIELDS = 11;
  private static final int FORMAT = 1;

  public TokenSerializer() {
    super(WHAT);
  }

  @Override
  public void write(Token token, RecordBytes to) throws IOException {
    to.number(
        (token.token() == null ? 0 : TOKEN)
            | (token.features() == null ? 0 : FEATURES)
            | (token.seq() == null ? 0 : SEQ)
            | (token.timestamp() == null ? 0 : TIMESTAMP)
            | (token.start() ? START : 0)
            | (token.end() ? END : 0)
            | (token.generate() ? GENERATE : 0)
            | (token.carried() == null ? 0 : CARRIED)
            | (token.source() == null ? 0 : SOURCE)
            | (token.values() == null ? 0 : VALUES)
            | (token.tombstone() ? TOMBSTONE : 0));
    to.text(token.key());
    if (token.token() != null) {
      to.text(token.token());
    }
    if (token.features() != null) {
      to.floats(token.features());
    }
    if (token.seq() != null) {
      to.signedNumber(token.seq());
    }
    if (token.timestamp() != null) {
      to.signedNumber(token.timestamp());
    }
    if (token.carried() != null) {
      to.texts(token.carried());
    }
    if (token.source() != null) {
      SourceRecordSerializer.writeFields(token.source(), to);
    }
    if (token.values() != null) {
      FieldValuesSerializer.writeFields(token.values(), to);
    }
  }

  @Override
  public Token read(RecordBytes from) throws IOException {
    long there = from.readPresence(FIELDS);
    String key = from.readText();
    String token = (there & TOKEN) == 0 ? null : from.readText();
    float[] features = (there & FEATURES) == 0 ? null : from.readFloats();
    Long seq = (there & SEQ) == 0 ? null : (Long) from.readSignedNumber();
    Long timestamp = (there & TIMESTAMP) == 0 ? null : (Long) from.readSignedNumber();
    String[] carried = (there & CARRIED) == 0 ? null : from.readTexts();
    SourceRecord source = (there & SOURCE) == 0 ? null : SourceRecordSerializer.readFields(from);
    return new Token(
        key,
        token,
        features,
        (there & VALUES) == 0 ? null : FieldValuesSerializer.readFields(from),
        seq,
        timestamp,
        (there & START) != 0,
        (there & END) != 0,
        (there & GENERATE) != 0,
        carried,
        source,
        (there & TOMBSTONE) != 0);
  }

  @Override
  public Token createInstance() {
    return Token.of("", "");
  }

  @Override
  public TypeSerializerSnapshot<Token> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of tokens in a savepoint. */
  public static final class Snapshot extends Format<Token> {
    public Snapshot() {
      super(WHAT, FORMAT, TokenSerializer::new);
    }
  }
}
