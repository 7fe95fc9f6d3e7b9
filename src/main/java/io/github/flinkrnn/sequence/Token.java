package io.github.flinkrnn.sequence;

import java.util.Arrays;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * One element x&lt;t&gt; of a sequence, as it arrives.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 *
 * @param key the sequence key
 * @param token the word, for a model with a vocabulary; otherwise null, or a name for display
 * @param features x&lt;t&gt;, [n_x], for a model with features; otherwise null
 * @param values the values of the fields, for a model with {@code input.fields}; otherwise null
 * @param seq the position that the producer assigned, or null
 * @param timestamp the event time in epoch milliseconds, or null
 * @param start whether the token is the first of its sequence; the state is removed before it
 * @param end whether the token is the last of its sequence; the state is removed after it
 * @param generate whether the model generates tokens after this one, if the job has generation
 *     enabled
 * @param carried values to copy into the prediction, as JSON strings; null for none
 * @param source the record that the token was read from, or null; its key and value are null unless
 *     the job needs dead letters
 * @param tombstone whether this is not x&lt;t&gt;, but ends the sequence of its key and removes all
 *     state of the key
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public record Token(
    String key,
    String token,
    float[] features,
    FieldValues values,
    Long seq,
    Long timestamp,
    boolean start,
    boolean end,
    boolean generate,
    String[] carried,
    SourceRecord source,
    boolean tombstone) {

  /**
   * Creates a token that is not a tombstone.
   *
   * @param key the sequence key
   * @param token the word, or null
   * @param features x&lt;t&gt;, [n_x], or null
   * @param values the values of the fields, or null
   * @param seq the position that the producer assigned, or null
   * @param timestamp the event time in epoch milliseconds, or null
   * @param start whether the token is the first of its sequence
   * @param end whether the token is the last of its sequence
   * @param generate whether the model generates tokens after this one
   * @param carried values to copy into the prediction, as JSON strings; null for none
   * @param source the record that the token was read from, or null
   */
  public Token(
      String key,
      String token,
      float[] features,
      FieldValues values,
      Long seq,
      Long timestamp,
      boolean start,
      boolean end,
      boolean generate,
      String[] carried,
      SourceRecord source) {
    this(
        key, token, features, values, seq, timestamp, start, end, generate, carried, source, false);
  }

  /**
   * Creates a token after which nothing is generated.
   *
   * @param key the sequence key
   * @param token the word, or null
   * @param features x&lt;t&gt;, [n_x], or null
   * @param seq the position that the producer assigned, or null
   * @param timestamp the event time in epoch milliseconds, or null
   * @param start whether the token is the first of its sequence
   * @param end whether the token is the last of its sequence
   * @param carried values to copy into the prediction, as JSON strings; null for none
   * @param origin where the token was read, or null
   */
  public Token(
      String key,
      String token,
      float[] features,
      Long seq,
      Long timestamp,
      boolean start,
      boolean end,
      String[] carried,
      Origin origin) {
    this(
        key,
        token,
        features,
        null,
        seq,
        timestamp,
        start,
        end,
        false,
        carried,
        origin == null ? null : new SourceRecord(null, null, 0, null, origin));
  }

  /**
   * A token with a word.
   *
   * @param key the sequence key
   * @param word the word
   * @return the token
   */
  public static Token of(String key, String word) {
    return new Token(key, word, null, null, null, false, false, null, null);
  }

  /**
   * A token with features, [n_x].
   *
   * @param key the sequence key
   * @param features x&lt;t&gt;, [n_x]
   * @return the token
   */
  public static Token of(String key, float... features) {
    return new Token(key, null, features, null, null, false, false, null, null);
  }

  /**
   * A token with values of named fields.
   *
   * @param key the sequence key
   * @param fields the values by the names of their fields, as {@link FieldValues#of} takes them
   * @return the token
   * @throws IllegalArgumentException if a value has a type that no field takes
   */
  public static Token of(String key, Map<String, ?> fields) {
    FieldValues values = FieldValues.of(fields);
    return new Token(key, null, null, values, null, null, false, false, false, null, null);
  }

  /**
   * A tombstone: ends the sequence of its key, and removes all state of the key. Tokens that wait
   * are taken before.
   *
   * @param key the sequence key
   * @return the tombstone
   */
  public static Token tombstone(String key) {
    return tombstone(key, null);
  }

  /**
   * A tombstone that was read from a record.
   *
   * @param key the sequence key
   * @param source the record, or null
   * @return the tombstone
   */
  public static Token tombstone(String key, SourceRecord source) {
    return new Token(key, null, null, null, null, null, false, false, false, null, source, true);
  }

  /** {@return a copy of this token that is the first of its sequence} */
  public Token first() {
    return new Token(
        key, token, features, values, seq, timestamp, true, end, generate, carried, source,
        tombstone);
  }

  /** {@return a copy of this token that is the last of its sequence} */
  public Token last() {
    return new Token(
        key, token, features, values, seq, timestamp, start, true, generate, carried, source,
        tombstone);
  }

  /**
   * A copy of this token with a position assigned by its producer.
   *
   * @param position the position
   * @return the copy
   */
  public Token at(long position) {
    return new Token(
        key, token, features, values, position, timestamp, start, end, generate, carried, source,
        tombstone);
  }

  /**
   * A copy of this token with an event time, in epoch milliseconds.
   *
   * @param millis the event time in epoch milliseconds
   * @return the copy
   */
  public Token atTime(long millis) {
    return new Token(
        key, token, features, values, seq, millis, start, end, generate, carried, source,
        tombstone);
  }

  /**
   * A copy of this token in another sequence.
   *
   * @param sequence the other sequence key
   * @return the copy
   */
  public Token withKey(String sequence) {
    return new Token(
        sequence, token, features, values, seq, timestamp, start, end, generate, carried, source,
        tombstone);
  }

  /**
   * A copy of this token with values to copy into its prediction.
   *
   * @param copied JSON values as strings; null for none
   * @return the copy
   */
  public Token withCarried(String... copied) {
    return new Token(
        key, token, features, values, seq, timestamp, start, end, generate, copied, source,
        tombstone);
  }

  /** {@return a copy of this token after which the model generates tokens} */
  public Token withGenerate() {
    return new Token(
        key, token, features, values, seq, timestamp, start, end, true, carried, source, tombstone);
  }

  /**
   * Compares by content: arrays are equal if their elements are, and floats are compared bit by
   * bit.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof Token that && Arrays.deepEquals(fields(), that.fields());
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(fields());
  }

  /** The fields that are present. */
  @Override
  public String toString() {
    return FieldText.of(this, fields());
  }

  private Object[] fields() {
    return new Object[] {
      key,
      token,
      features,
      values,
      seq,
      timestamp,
      start ? true : null,
      end ? true : null,
      generate ? true : null,
      carried,
      source,
      tombstone ? true : null
    };
  }
}
