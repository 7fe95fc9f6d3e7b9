package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Token;

/** What becomes of a token when its turn has come. */
interface Turns {
  /**
   * @param afterGap whether tokens before it never came, and it is to begin a new sequence
   */
  void step(Token token, boolean afterGap) throws Exception;

  /** Tokens that should have come before the next one are waited for no longer. */
  void gap();

  /** A token that its sequence has had already. */
  void duplicate();

  /** Whether the key's sequence has a timer at that time, in the time of the idle timeout. */
  boolean usesTimer(long time) throws Exception;
}
