package io.github.flinkrnn.operator;

import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * The numbers of predictions, rejected records and dropped duplicates of a finished job, from the
 * Flink accumulators.
 */
@Internal
public record JobCounts(long predictions, long rejected, long duplicates) {
  /** The accumulator of encoded predictions. */
  public static final String PREDICTIONS = "predictions";

  /** The accumulator of records rejected during encoding. */
  public static final String REJECTED_OUTPUTS = "rejected outputs";

  static final String DUPLICATES = "duplicates";

  /** The accumulator of records that are not valid tokens. */
  public static final String REJECTED_RECORDS = "rejected records";

  static final String REJECTED_TOKENS = "rejected tokens";

  /**
   * @param accumulators the accumulators in the result of the job
   */
  public static JobCounts of(Map<String, Object> accumulators) {
    return new JobCounts(
        count(accumulators, PREDICTIONS),
        count(accumulators, REJECTED_RECORDS)
            + count(accumulators, REJECTED_TOKENS)
            + count(accumulators, REJECTED_OUTPUTS),
        count(accumulators, DUPLICATES));
  }

  private static long count(Map<String, Object> accumulators, String name) {
    return accumulators.get(name) instanceof Long count ? count : 0;
  }

  @Override
  public String toString() {
    String counts = of(predictions, "prediction") + ", " + rejected + " rejected";
    return duplicates == 0 ? counts : counts + ", " + of(duplicates, "duplicate");
  }

  private static String of(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
