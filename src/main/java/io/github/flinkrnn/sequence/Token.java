package io.github.flinkrnn.sequence;

import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * One element x&lt;t&gt; of a sequence, as it arrives.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param key the sequence it belongs to
 * @param token the word, for a vocabulary model; else null or a name to show
 * @param features x&lt;t&gt; in numbers, for a features model; else null
 * @param seq the position that its producer gave it, or null
 * @param timestamp event time in epoch milliseconds, or null
 * @param start whether it is the first of its sequence: the state before it is forgotten
 * @param end whether it is the last of its sequence: the state after it is forgotten
 * @param generate whether the model is to go on from here by itself, where the job says how
 * @param carried JSON values to carry into the prediction, each as its text; null for none
 * @param source the record that it was read from, or null; without key and value unless the job
 *     wants dead letters
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public record Token(
    String key,
    String token,
    float[] features,
    Long seq,
    Long timestamp,
    boolean start,
    boolean end,
    boolean generate,
    String[] carried,
    SourceRecord source) {

  private static final String[] NAMES = {
    "key", "token", "features", "seq", "timestamp", "start", "end", "generate", "carried", "source"
  };

  /**
   * A token after which nothing is generated.
   *
   * @param origin where it was read, or null
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
        seq,
        timestamp,
        start,
        end,
        false,
        carried,
        origin == null ? null : new SourceRecord(null, null, 0, null, origin));
  }

  /** A word of a sequence. */
  public static Token of(String key, String word) {
    return new Token(key, word, null, null, null, false, false, null, null);
  }

  /** A vector of numbers of a sequence. */
  public static Token of(String key, float... features) {
    return new Token(key, null, features, null, null, false, false, null, null);
  }

  /** The same token as the first of its sequence. */
  public Token first() {
    return new Token(key, token, features, seq, timestamp, true, end, generate, carried, source);
  }

  /** The same token as the last of its sequence. */
  public Token last() {
    return new Token(key, token, features, seq, timestamp, start, true, generate, carried, source);
  }

  /** The same token with a position that its producer gave it. */
  public Token at(long position) {
    return new Token(
        key, token, features, position, timestamp, start, end, generate, carried, source);
  }

  /** The same token with an event time, in epoch milliseconds. */
  public Token atTime(long millis) {
    return new Token(key, token, features, seq, millis, start, end, generate, carried, source);
  }

  /** The same token in another sequence. */
  public Token withKey(String sequence) {
    return new Token(
        sequence, token, features, seq, timestamp, start, end, generate, carried, source);
  }

  /**
   * The same token with values to carry into its prediction.
   *
   * @param values JSON each, as its text; null for none
   */
  public Token withCarried(String... values) {
    return new Token(key, token, features, seq, timestamp, start, end, generate, values, source);
  }

  /** The same token, from which the model is to go on by itself. */
  public Token withGenerate() {
    return new Token(key, token, features, seq, timestamp, start, end, true, carried, source);
  }

  /** By content: arrays are equal where their elements are, floats bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Token that && Arrays.deepEquals(fields(), that.fields());
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(fields());
  }

  /** The fields that are there. */
  @Override
  public String toString() {
    return FieldText.of("Token", NAMES, fields());
  }

  private Object[] fields() {
    return new Object[] {
      key,
      token,
      features,
      seq,
      timestamp,
      start ? true : null,
      end ? true : null,
      generate ? true : null,
      carried,
      source
    };
  }
}
