package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/** Receives what a {@link TokenOrder} decides, token by token. */
@Internal
public interface Turns {
  /**
   * The token is taken.
   *
   * @param afterGap whether it begins a new sequence because tokens before it never arrived
   */
  void step(Token token, boolean afterGap) throws Exception;

  /** The token is rejected. */
  void reject(Token token, Reason reason, String detail);

  /** Numbers before the next token are skipped. */
  void gap();

  /** A duplicate is dropped. */
  void duplicate();
}
