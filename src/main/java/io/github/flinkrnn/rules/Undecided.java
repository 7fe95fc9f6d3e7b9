package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The undecided tokens of a sequence: they are taken, but their predictions wait for later tokens.
 *
 * @param tokens in their order, at least one. Must not be modified
 * @param deadline when they are decided with the future that is there, unless a token arrives, in
 *     epoch milliseconds; 0 for never
 * @param inEventTime whether the deadline is in event time; otherwise it is in processing time
 * @param last the latest prediction before them, if only the last one of a sequence is emitted, or
 *     null
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // not copied at each step
public record Undecided(Token[] tokens, long deadline, boolean inEventTime, Prediction last) {
  /**
   * Tokens without a prediction before them.
   *
   * @param tokens in their order, at least one
   * @param deadline when they are decided, unless a token arrives; 0 for never
   * @param inEventTime whether the deadline is in event time
   */
  public Undecided(Token[] tokens, long deadline, boolean inEventTime) {
    this(tokens, deadline, inEventTime, null);
  }

  /** The largest {@link #bytes}. If there are more, all tokens are decided at once. */
  public static final long MAX_BYTES = OrderOptions.MAX_WAITING_BYTES;

  /** {@return about how many bytes of strings, features and records the tokens have} */
  public long bytes() {
    long bytes = 0;
    for (Token token : tokens) {
      bytes += bytes(token);
    }
    return bytes;
  }

  /**
   * About how many bytes of strings, values and records a token has.
   *
   * @param token the token
   * @return the number of bytes, with one byte for each character
   */
  public static long bytes(Token token) {
    long bytes = token.key().length();
    bytes += token.token() == null ? 0 : token.token().length();
    bytes += token.features() == null ? 0 : (long) Float.BYTES * token.features().length;
    bytes += token.values() == null ? 0 : token.values().bytes();
    bytes += token.source() == null ? 0 : bytes(token.source());
    for (int i = 0; token.carried() != null && i < token.carried().length; i++) {
      bytes += token.carried()[i] == null ? 0 : token.carried()[i].length();
    }
    return bytes;
  }

  private static long bytes(SourceRecord source) {
    long bytes = source.key() == null ? 0 : source.key().length;
    bytes += source.value() == null ? 0 : source.value().length;
    for (int i = 0; source.headers() != null && i < source.headers().length; i++) {
      byte[] value = source.headers()[i].value();
      bytes += source.headers()[i].name().length() + (value == null ? 0 : value.length);
    }
    return bytes;
  }

  /** Compares the content of the tokens. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Undecided that
        && Arrays.equals(tokens, that.tokens)
        && deadline == that.deadline
        && inEventTime == that.inEventTime
        && Objects.equals(last, that.last);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Long.hashCode(deadline);
  }

  /**
   * The same with another deadline.
   *
   * @param moment in epoch milliseconds; 0 for never
   * @param isEventTime whether it is in event time
   * @return the tokens with the deadline
   */
  Undecided until(long moment, boolean isEventTime) {
    return new Undecided(tokens, moment, isEventTime, last);
  }

  /** The same with another latest prediction before them. */
  Undecided after(Prediction prediction) {
    return new Undecided(tokens, deadline, inEventTime, prediction);
  }
}
