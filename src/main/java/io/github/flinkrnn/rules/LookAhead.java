package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * How far a bidirectional model looks into the future of a token.
 *
 * @param tokens how many tokens each bidirectional layer looks ahead, from 0; {@link #END} for all
 *     tokens of the sequence. With L such layers, a prediction waits for L times as many tokens, or
 *     for the end of the sequence
 * @param timeout when a key is silent for so long, the predictions that wait are made with the
 *     future that is there; zero for never. It is measured as the idle timeout is
 * @serial exclude
 */
@PublicEvolving
public record LookAhead(int tokens, Duration timeout) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Looks ahead to the end of the sequence. */
  public static final int END = Integer.MAX_VALUE;

  /** The largest number of tokens. */
  public static final int MAX_TOKENS = 10_000;

  /**
   * @param tokens how many tokens each bidirectional layer looks ahead, from 0; {@link #END} for
   *     all tokens of the sequence
   * @param timeout when a key is silent for so long, the predictions that wait are made with the
   *     future that is there; zero for never
   * @throws OptionException for an option outside its range
   */
  public LookAhead {
    Objects.requireNonNull(timeout, "timeout");
    if (tokens != END) {
      OptionException.expectWhole("sequence.look_ahead", 0, MAX_TOKENS, tokens);
    }
    OptionException.expectDuration("sequence.look_ahead_timeout", timeout);
  }

  /**
   * A look ahead without a timeout.
   *
   * @param tokens how many tokens, from 0; {@link #END} for all tokens of the sequence
   * @return the options
   */
  public static LookAhead of(int tokens) {
    return new LookAhead(tokens, Duration.ZERO);
  }

  /** {@return a look ahead to the end of the sequence} */
  public static LookAhead toTheEnd() {
    return of(END);
  }

  /**
   * The same with a timeout.
   *
   * @param silence when a key is silent for so long, the predictions that wait are made; zero for
   *     never, otherwise from a millisecond to a hundred years
   * @return the options
   */
  public LookAhead withTimeout(Duration silence) {
    return new LookAhead(tokens, silence);
  }
}
