package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import java.util.List;

/**
 * Tokens of the current key that wait for their turn, each at a place: its number, or its event
 * time. They are taken from the smallest place on.
 */
public interface WaitingTokens {
  /**
   * @param now processing time
   */
  void add(Token token, long place, long now) throws Exception;

  /** The smallest place; null where no token waits. */
  Long first() throws Exception;

  /** The tokens of a place that has some, in the order of their arrival; they wait no longer. */
  List<Token> take(long place) throws Exception;

  /** The bytes of all that wait, as they are serialized. */
  long bytes() throws Exception;

  /** Tokens that wait by their numbers, at most for some time. */
  interface ByNumber extends WaitingTokens {
    boolean contains(long number) throws Exception;

    /** When the one came that waits longest, processing time. */
    long since() throws Exception;

    /** The largest number that came by then; {@link Position#NONE} for none. */
    long lastBy(long moment) throws Exception;
  }
}
