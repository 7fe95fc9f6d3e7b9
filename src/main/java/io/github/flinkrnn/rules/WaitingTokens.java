package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * The waiting tokens of the current key, each at a place: its number or its event time. They are
 * taken in ascending order of place.
 */
@Internal
public interface WaitingTokens {
  /**
   * @param now processing time
   */
  void add(Token token, long place, long now) throws Exception;

  /** The smallest place; null if no token waits. */
  Long first() throws Exception;

  /** Removes the tokens at an occupied place, and returns them in the order of arrival. */
  List<Token> take(long place) throws Exception;

  /** The serialized size of all waiting tokens in bytes. */
  long bytes() throws Exception;

  /** Tokens that wait by number. */
  interface ByNumber extends WaitingTokens {
    boolean contains(long number) throws Exception;

    /** When the token that waits longest arrived, in processing time. */
    long since() throws Exception;

    /** The largest number that arrived by a moment; {@link Position#NONE} for none. */
    long lastBy(long moment) throws Exception;
  }
}
