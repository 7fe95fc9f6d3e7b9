package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * In which order a key's tokens are taken, and which are dropped.
 *
 * @param by the order
 * @param maxOutOfOrderness how far before the latest event time a token may be; for {@link
 *     By#TIMESTAMP} and for an idle timeout in event time
 * @param idlePartition how long a source partition may be silent before it no longer holds the
 *     watermark back; zero for forever
 * @param maxWait how long a token waits for smaller numbers; for {@link By#SEQ}
 * @param maxBuffered how many tokens of a key may wait; also bounded by {@link #MAX_WAITING_BYTES}
 * @param onGap what happens after numbers that never arrived; for {@link By#SEQ}
 * @param firstSeq the number of a key's first token; null for unknown: then a first token without
 *     {@code start} waits for smaller numbers
 * @param deduplicate whether to drop a token whose number is not above the last one taken
 * @serial exclude
 */
@PublicEvolving
public record OrderOptions(
    By by,
    Duration maxOutOfOrderness,
    Duration idlePartition,
    Duration maxWait,
    int maxBuffered,
    OnGap onGap,
    Long firstSeq,
    boolean deduplicate)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest {@code maxBuffered}. */
  public static final int MAX_BUFFERED = 1_000_000;

  /**
   * The maximum serialized size of a key's waiting tokens, with their carried values and, if the
   * job has dead letters, with their records.
   */
  public static final long MAX_WAITING_BYTES = 16L << 20;

  /**
   * @param by the order
   * @param maxOutOfOrderness how far before the latest event time a token may be; for {@link
   *     By#TIMESTAMP} and for an idle timeout in event time
   * @param idlePartition how long a source partition may be silent before it no longer holds the
   *     watermark back; zero for forever
   * @param maxWait how long a token waits for smaller numbers; for {@link By#SEQ}
   * @param maxBuffered how many tokens of a key may wait; also bounded by {@link
   *     #MAX_WAITING_BYTES}
   * @param onGap what happens after numbers that never arrived; for {@link By#SEQ}
   * @param firstSeq the number of a key's first token; null for unknown: then a first token without
   *     {@code start} waits for smaller numbers
   * @param deduplicate whether to drop a token whose number is not above the last one taken
   * @throws OptionException for an option outside its range
   */
  public OrderOptions {
    Objects.requireNonNull(by, "by");
    Objects.requireNonNull(onGap, "onGap");
    OptionException.expectDuration("sequence.max_out_of_orderness", maxOutOfOrderness);
    OptionException.expectDuration("sequence.idle_partition", idlePartition);
    OptionException.expectDuration("sequence.max_wait", maxWait);
    OptionException.expect(!maxWait.isZero(), "sequence.max_wait", "at least 1 ms", 0);
    OptionException.expectWhole("sequence.max_buffered", 1, MAX_BUFFERED, maxBuffered);
    if (firstSeq != null) {
      OptionException.expectWhole("sequence.first_seq", 0, Long.MAX_VALUE, firstSeq);
    }
  }

  /** The orders. */
  public enum By {
    /** As tokens arrive. */
    ARRIVAL,
    /** By event time: a token waits for the watermark. */
    TIMESTAMP,
    /** By the producer's numbers: a token waits for smaller numbers. */
    SEQ
  }

  /** As tokens arrive, without dropping any. */
  public static final OrderOptions ARRIVAL = of(By.ARRIVAL);

  /**
   * An order with every other option at its default.
   *
   * @param by the order
   * @return the options
   */
  public static OrderOptions of(By by) {
    return new OrderOptions(
        by,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        1000,
        OnGap.CONTINUE,
        null,
        false);
  }

  /** {@return the same options, with duplicates dropped} */
  public OrderOptions withoutDuplicates() {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, onGap, firstSeq, true);
  }

  /**
   * The same options with other bounds for waiting tokens.
   *
   * @param longest {@code maxWait}
   * @param most {@code maxBuffered}
   * @return the options
   */
  public OrderOptions withWaiting(Duration longest, int most) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, longest, most, onGap, firstSeq, deduplicate);
  }

  /**
   * The same options with another rule for gaps.
   *
   * @param rule the rule
   * @return the options
   */
  public OrderOptions withGaps(OnGap rule) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, rule, firstSeq, deduplicate);
  }

  /**
   * The same options for keys whose first token has this number.
   *
   * @param number {@code firstSeq}
   * @return the options
   */
  public OrderOptions from(long number) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, onGap, number, deduplicate);
  }

  /** Whether the order needs no state. */
  boolean isPlain() {
    return by == By.ARRIVAL && !deduplicate;
  }
}
