package io.github.flinkrnn.operator;

import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * How many predictions a job that has ended made, and how many records it rejected or dropped as
 * duplicates, from Flink's accumulators.
 */
@Internal
public record JobCounts(long predictions, long rejected, long duplicates) {
  /** The accumulator of the predictions that were encoded. */
  public static final String PREDICTIONS = "predictions";

  /** The accumulator of what was rejected when it was encoded. */
  public static final String REJECTED_OUTPUTS = "rejected outputs";

  static final String DUPLICATES = "duplicates";

  /** The accumulator of the records that are no tokens. */
  public static final String REJECTED_RECORDS = "rejected records";

  static final String REJECTED_TOKENS = "rejected tokens";

  /**
   * @param accumulators of the job's result
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
    String counts = predictions + " predictions, " + rejected + " rejected";
    return duplicates == 0 ? counts : counts + ", " + duplicates + " duplicates";
  }
}
