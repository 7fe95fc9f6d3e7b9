package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * How tokens become sequences.
 *
 * @param order the order in which tokens are taken
 * @param idleTimeout the silence that ends a sequence; zero for never
 * @param idleInEventTime whether silence is measured in event time; otherwise in processing time
 * @param maxLength the maximum number of steps of a sequence; 0 for unlimited
 * @param startToken the word that begins a sequence, or null
 * @param endToken the word that ends a sequence, or null
 * @param window how many of the last tokens each prediction is computed from, starting at
 *     a&lt;0&gt;; 0 to carry the hidden state
 * @param generation how the model generates words; null for no generation
 * @param lookAhead how far a bidirectional model looks ahead; null for other models
 * @serial exclude
 */
@PublicEvolving
public record SequenceOptions(
    OrderOptions order,
    Duration idleTimeout,
    boolean idleInEventTime,
    int maxLength,
    String startToken,
    String endToken,
    int window,
    Generation generation,
    LookAhead lookAhead)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest {@code window}. */
  public static final int MAX_WINDOW = 10_000;

  /**
   * @param order the order in which tokens are taken
   * @param idleTimeout the silence that ends a sequence; zero for never
   * @param idleInEventTime whether silence is measured in event time; otherwise in processing time
   * @param maxLength the maximum number of steps of a sequence; 0 for unlimited
   * @param startToken the word that begins a sequence, or null
   * @param endToken the word that ends a sequence, or null
   * @param window how many of the last tokens each prediction is computed from, starting at
   *     a&lt;0&gt;; 0 to carry the hidden state
   * @param generation how the model generates words; null for no generation
   * @param lookAhead how far a bidirectional model looks ahead; null for other models
   * @throws OptionException for an option outside its range, or for options that contradict each
   *     other
   */
  public SequenceOptions {
    Objects.requireNonNull(order, "order");
    OptionException.expectDuration("sequence.idle_timeout", idleTimeout);
    if (idleInEventTime && idleTimeout.isZero() && !hasLookAheadTimeout(lookAhead)) {
      throw new OptionException("sequence.idle_time", "expected only with idle_timeout");
    }
    OptionException.expectWhole("sequence.max_length", 0, Integer.MAX_VALUE, maxLength);
    OptionException.expectWord("sequence.start_token", startToken);
    OptionException.expectWord("sequence.end_token", endToken);
    OptionException.expectWhole("sequence.window", 0, MAX_WINDOW, window);
    if (lookAhead != null) {
      expectNo("window", window > 0);
      expectNo("generate", generation != null);
      if (lookAhead.tokens() == LookAhead.END && maxLength == 0) {
        throw new OptionException("sequence.max_length", "missing: expected with look_ahead: end");
      }
    }
    boolean waitsByTheClock =
        order.by() == OrderOptions.By.SEQ && !idleInEventTime && !idleTimeout.isZero();
    if (waitsByTheClock && order.maxWait().compareTo(idleTimeout) >= 0) {
      // Otherwise the idle timeout would end the sequence of a waiting token.
      throw new OptionException(
          "sequence.max_wait",
          "expected less than the idle_timeout of "
              + shown(idleTimeout)
              + ", found "
              + shown(order.maxWait())
              + " (the default is 10 s)");
    }
  }

  private static void expectNo(String field, boolean isThere) {
    if (isThere) {
      throw new OptionException("sequence." + field, "expected only without look_ahead");
    }
  }

  private static boolean hasLookAheadTimeout(LookAhead lookAhead) {
    return lookAhead != null && !lookAhead.timeout().isZero();
  }

  private static final Map<String, Duration> UNITS = units();

  private static Map<String, Duration> units() {
    Map<String, Duration> units = new LinkedHashMap<>();
    units.put(" d", Duration.ofDays(1));
    units.put(" h", Duration.ofHours(1));
    units.put(" min", Duration.ofMinutes(1));
    units.put(" s", Duration.ofSeconds(1));
    return units;
  }

  /** The duration in the largest unit that divides it. */
  private static String shown(Duration duration) {
    for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
      if (duration.toMillis() % unit.getValue().toMillis() == 0) {
        return duration.dividedBy(unit.getValue()) + unit.getKey();
      }
    }
    return duration.toMillis() + " ms";
  }

  /**
   * Whether an idle timeout is valid: zero, or from a millisecond to a hundred years.
   *
   * @param timeout the timeout
   * @return whether it is valid
   */
  public static boolean isTimeout(Duration timeout) {
    return IdleTimeout.isOne(timeout);
  }

  /** Tokens in the order of arrival, with states that are kept forever. */
  public static final SequenceOptions DEFAULT =
      new SequenceOptions(OrderOptions.ARRIVAL, Duration.ZERO, false, 0, null, null, 0, null, null);

  /**
   * The same in another order.
   *
   * @param other the order
   * @return the options
   */
  public SequenceOptions withOrder(OrderOptions other) {
    return new SequenceOptions(
        other,
        idleTimeout,
        idleInEventTime,
        maxLength,
        startToken,
        endToken,
        window,
        generation,
        lookAhead);
  }

  /**
   * The same with an idle timeout.
   *
   * @param timeout zero for never, otherwise from a millisecond to a hundred years
   * @param inEventTime whether the time is event time; otherwise it is processing time
   * @return the options
   */
  public SequenceOptions withIdleTimeout(Duration timeout, boolean inEventTime) {
    return new SequenceOptions(
        order,
        timeout,
        inEventTime,
        maxLength,
        startToken,
        endToken,
        window,
        generation,
        lookAhead);
  }

  /**
   * The same with a maximum number of steps of a sequence; 0 for unlimited.
   *
   * @param most the number of steps
   * @return the options
   */
  public SequenceOptions withMaxLength(int most) {
    return new SequenceOptions(
        order,
        idleTimeout,
        idleInEventTime,
        most,
        startToken,
        endToken,
        window,
        generation,
        lookAhead);
  }

  /**
   * The same with words that begin and end a sequence; null for none.
   *
   * @param start the word that begins a sequence
   * @param end the word that ends it
   * @return the options
   */
  public SequenceOptions withTokens(String start, String end) {
    return new SequenceOptions(
        order, idleTimeout, idleInEventTime, maxLength, start, end, window, generation, lookAhead);
  }

  /**
   * The same with a window of {@code tokens}; 0 to carry the hidden state.
   *
   * @param tokens the number of tokens
   * @return the options
   */
  public SequenceOptions withWindow(int tokens) {
    return new SequenceOptions(
        order,
        idleTimeout,
        idleInEventTime,
        maxLength,
        startToken,
        endToken,
        tokens,
        generation,
        lookAhead);
  }

  /**
   * The same with generation.
   *
   * @param how the generation; null for none
   * @return the options
   */
  public SequenceOptions withGeneration(Generation how) {
    return new SequenceOptions(
        order,
        idleTimeout,
        idleInEventTime,
        maxLength,
        startToken,
        endToken,
        window,
        how,
        lookAhead);
  }

  /**
   * The same with a look ahead, which a bidirectional model needs.
   *
   * @param how the look ahead; null for other models
   * @return the options
   */
  public SequenceOptions withLookAhead(LookAhead how) {
    return new SequenceOptions(
        order,
        idleTimeout,
        idleInEventTime,
        maxLength,
        startToken,
        endToken,
        window,
        generation,
        how);
  }

  /**
   * The same with a look ahead of this many tokens.
   *
   * @param tokens how many tokens each bidirectional layer looks ahead, from 0
   * @return the options
   */
  public SequenceOptions withLookAhead(int tokens) {
    return withLookAhead(LookAhead.of(tokens));
  }

  /** {@return whether the job needs event time and watermarks} */
  public boolean needsWatermarks() {
    return order.by() == OrderOptions.By.TIMESTAMP || idleInEventTime;
  }
}
