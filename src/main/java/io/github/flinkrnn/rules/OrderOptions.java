package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * In which order a key's tokens are taken, and which are dropped.
 *
 * @param by what the order goes by
 * @param maxOutOfOrderness how far behind the latest event time a token may come; of {@link
 *     By#TIMESTAMP} and of an idle timeout in event time
 * @param idlePartition a source partition that is silent for so long is not waited for
 * @param maxWait how long a token waits for the numbers before its own; of {@link By#SEQ}
 * @param maxBuffered how many tokens of a key wait at most; also bounded by {@link
 *     #MAX_WAITING_BYTES}
 * @param onGap what follows numbers that never came; of {@link By#SEQ}
 * @param firstSeq the number of a key's first token, or null: then a first token that does not say
 *     {@code start} waits for smaller numbers
 * @param deduplicate whether a token is dropped whose number is not above the last
 */
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
   * How many bytes of a key's tokens wait at most, as they are serialized: with what they carry,
   * and with the records that they were read from where dead letters want those.
   */
  public static final long MAX_WAITING_BYTES = 16L << 20;

  /**
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

  /** What an order goes by. */
  public enum By {
    /** Tokens are taken as they arrive. */
    ARRIVAL,
    /** By event time: a token waits for the watermark. */
    TIMESTAMP,
    /** By the numbers that the producer gave: a token waits for those before it. */
    SEQ
  }

  /** As they arrive, and nothing dropped. */
  public static final OrderOptions ARRIVAL = of(By.ARRIVAL);

  /** This order with every other option at its default. */
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

  /** The same order without repeated numbers. */
  public OrderOptions withoutDuplicates() {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, onGap, firstSeq, true);
  }

  /** The same order with another bound of what waits. */
  public OrderOptions withWaiting(Duration longest, int most) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, longest, most, onGap, firstSeq, deduplicate);
  }

  /** The same order with another rule for gaps. */
  public OrderOptions withGaps(OnGap rule) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, rule, firstSeq, deduplicate);
  }

  /** The same order of keys whose first token has this number. */
  public OrderOptions from(long number) {
    return new OrderOptions(
        by, maxOutOfOrderness, idlePartition, maxWait, maxBuffered, onGap, number, deduplicate);
  }

  /** Whether there is nothing to remember between two tokens. */
  boolean isPlain() {
    return by == By.ARRIVAL && !deduplicate;
  }
}
