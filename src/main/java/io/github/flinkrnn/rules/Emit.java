package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Which steps are emitted.
 *
 * @param when the rule
 * @param limit the limit of the rule; 0 if the rule has none
 * @param label the output that {@link When#ABOVE} compares; null for the largest
 * @param of the name of the head that {@link When#ABOVE}, {@link When#CHANGE} or {@link
 *     When#ERROR_ABOVE} is about, for a model with several; null for the first that fits
 * @serial exclude
 */
@PublicEvolving
public record Emit(When when, double limit, String label, String of) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * A rule about the first head.
   *
   * @param when the rule
   * @param limit the limit of the rule; 0 if the rule has none
   * @param label the output that {@link When#ABOVE} compares; null for the largest
   * @throws OptionException for a limit or a label that the rule does not take
   */
  public Emit(When when, double limit, String label) {
    this(when, limit, label, null);
  }

  /** The rules. */
  public enum When {
    /** Every step: many to many. */
    EACH,
    /** The last step of a sequence: many to one. */
    LAST,
    /** The first step, and every step whose label differs from that of the previous step. */
    CHANGE,
    /** Steps whose largest output, or the output named by the label, is above the limit. */
    ABOVE,
    /** Steps whose token had a rank above the limit. */
    RANK_ABOVE,
    /**
     * Steps whose token had a surprise above the limit, in nats. A token that is none of the
     * outputs is above every limit.
     */
    SURPRISE_ABOVE,
    /**
     * Steps whose x&lt;t&gt; differs from the forecast y&lt;t-1&gt; by an error above the limit.
     */
    ERROR_ABOVE
  }

  /** The largest limit of {@link When#ABOVE}. The smallest is its negative. */
  public static final double MAX_ABOVE = 1e9;

  /**
   * @param when the rule
   * @param limit the limit of the rule; 0 if the rule has none
   * @param label the output that {@link When#ABOVE} compares; null for the largest
   * @param of the name of the head, or null
   * @throws OptionException for a limit, a label or a head that the rule does not take
   */
  public Emit {
    Objects.requireNonNull(when, "when");
    switch (when) {
      case ABOVE ->
          OptionException.expect(
              Math.abs(limit) <= MAX_ABOVE, "output.emit.above", "from -1e9 to 1e9", limit);
      case RANK_ABOVE ->
          OptionException.expect(
              limit >= 1 && limit == Math.rint(limit) && limit <= Integer.MAX_VALUE,
              "output.emit.rank_above",
              "an integer from 1",
              limit);
      case SURPRISE_ABOVE ->
          OptionException.expect(
              limit >= 0 && limit <= Integer.MAX_VALUE,
              "output.emit.surprise_above",
              "a number from 0",
              limit);
      case ERROR_ABOVE ->
          OptionException.expect(
              limit >= 0 && limit <= Integer.MAX_VALUE,
              "output.emit.error_above",
              "a number from 0",
              limit);
      default -> OptionException.expect(limit == 0, "output.emit", "no limit", limit);
    }
    if (label != null && when != When.ABOVE) {
      throw new OptionException("output.emit.label", "expected only with above");
    }
    boolean choosesHead = when == When.ABOVE || when == When.CHANGE || when == When.ERROR_ABOVE;
    if (of != null && !choosesHead) {
      throw new OptionException(
          "output.emit.of", "expected only with above, change or error_above");
    }
  }

  /** Every step. */
  public static final Emit EACH = new Emit(When.EACH, 0, null);

  /**
   * A rule without a limit.
   *
   * @param when the rule
   * @return the rule, without a limit
   */
  public static Emit of(When when) {
    return new Emit(when, 0, null);
  }

  /**
   * A rule with its limit.
   *
   * @param when the rule
   * @param limit its limit
   * @return the rule, with its limit
   */
  public static Emit above(When when, double limit) {
    return new Emit(when, limit, null);
  }

  /**
   * The same rule about another head.
   *
   * @param head the name of the head
   * @return the rule
   */
  public Emit withHead(String head) {
    return new Emit(when, limit, label, head);
  }

  /** {@return whether the rule needs y&lt;t-1&gt;} */
  public boolean asksForTheStepBefore() {
    return when == When.CHANGE || when == When.ERROR_ABOVE || asksForTheToken();
  }

  /**
   * {@return whether the rule needs the probability that y&lt;t-1&gt; gave to the token of step t}
   */
  public boolean asksForTheToken() {
    return when == When.RANK_ABOVE || when == When.SURPRISE_ABOVE;
  }
}
