package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.SourceRecord;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a record's event time and nothing else, where a source must know it before the record is
 * decoded: each partition has a watermark of its own there. Not thread-safe.
 */
public final class TimestampReader {
  private final JsonFactory json = JsonFactory.builder().recyclerPool(new OwnRecycler()).build();
  private final FieldPath root;
  private final TokenTimes times;

  /**
   * @param fields where the token's fields stand
   */
  public TimestampReader(TokenFields fields) {
    root = FieldPath.of(fields, "timestamp");
    times = fields.times();
  }

  /**
   * The time that the token of the record will have, in epoch milliseconds.
   *
   * @param otherwise what to say of a record that holds no token with a time, or one too far ahead
   */
  public long read(SourceRecord record, long otherwise) {
    byte[] value = record.value();
    if (value == null || value.length == 0) {
      return otherwise;
    }
    TokenDraft draft = new TokenDraft(null, 0, 0, times);
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), value)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        draft.read(parser, root);
      }
      Long time = draft.time(record);
      return time == null ? otherwise : time;
    } catch (JacksonException | Rejection e) {
      return otherwise; // the decoder will say what is wrong
    }
  }
}
