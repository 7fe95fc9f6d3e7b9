package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The undecided tokens of a sequence: they are taken, but their predictions wait for later tokens.
 *
 * @param tokens in their order, at least one. Must not be modified
 * @param deadline when they are decided with the future that is there, unless a token arrives, in
 *     epoch milliseconds; 0 for never
 * @param inEventTime whether the deadline is in event time; otherwise it is in processing time
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // not copied at each step
public record Undecided(Token[] tokens, long deadline, boolean inEventTime) {
  /** The largest {@link #bytes}. If there are more, all tokens are decided at once. */
  public static final long MAX_BYTES = OrderOptions.MAX_WAITING_BYTES;

  /** {@return about how many bytes of strings, features and records the tokens have} */
  public long bytes() {
    long bytes = 0;
    for (Token token : tokens) {
      bytes += token.key().length();
      bytes += token.token() == null ? 0 : token.token().length();
      bytes += token.features() == null ? 0 : (long) Float.BYTES * token.features().length;
      bytes += token.source() == null ? 0 : bytes(token.source());
      for (int i = 0; token.carried() != null && i < token.carried().length; i++) {
        bytes += token.carried()[i] == null ? 0 : token.carried()[i].length();
      }
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
        && inEventTime == that.inEventTime;
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
    return new Undecided(tokens, moment, isEventTime);
  }
}
