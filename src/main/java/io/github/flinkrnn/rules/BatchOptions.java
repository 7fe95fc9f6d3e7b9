package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * How many steps of different keys are computed together. A weight is then read once for several
 * keys. The predictions are the same, bit for bit, whatever the size.
 *
 * <p>A batch is computed when it is full, when no more input is ready, and before each checkpoint,
 * watermark and timer. {@code maxWait} only limits how long a token can wait for these. The
 * predictions are in the order of the tokens.
 *
 * @param size the most steps in a batch, from 1 to {@link #MAX_SIZE}; 1 for one token at a time
 * @param maxWait the longest time that a token waits, from 1 ms to a minute
 * @serial exclude
 */
@PublicEvolving
public record BatchOptions(int size, Duration maxWait) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest {@code size}. */
  public static final int MAX_SIZE = 1024;

  private static final Duration MIN_WAIT = Duration.ofMillis(1);
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);

  /** Up to 32 steps, and a wait of 2 ms. */
  public static final BatchOptions DEFAULT = new BatchOptions(32, Duration.ofMillis(2));

  /**
   * @param size the most steps in a batch, from 1 to {@link #MAX_SIZE}; 1 for one token at a time
   * @param maxWait the longest time that a token waits, from 1 ms to a minute
   * @throws OptionException for an option outside its range
   */
  public BatchOptions {
    Objects.requireNonNull(maxWait, "maxWait");
    OptionException.expectWhole("batch.size", 1, MAX_SIZE, size);
    OptionException.expect(
        maxWait.compareTo(MIN_WAIT) >= 0 && maxWait.compareTo(MAX_WAIT) <= 0,
        "batch.wait",
        "a duration from 1 ms to 1 min",
        maxWait);
  }
}
