package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/** What becomes of tokens, one after the other, when the order of their key has decided. */
public interface Turns {
  /**
   * The token's step.
   *
   * @param afterGap whether tokens before it never came, and it is to begin a new sequence
   */
  void step(Token token, boolean afterGap) throws Exception;

  /** The token is not taken. */
  void reject(Token token, Reason reason, String detail);

  /** Tokens that should have come before the next one are waited for no longer. */
  void gap();

  /** A token that its sequence has had already. */
  void duplicate();
}
