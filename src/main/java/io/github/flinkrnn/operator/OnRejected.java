package io.github.flinkrnn.operator;

import org.apache.flink.annotation.PublicEvolving;

/** What {@link RnnFunction} does with a rejected token, besides the side output. */
@PublicEvolving
public enum OnRejected {
  /** Counts it, and logs at most one line per second. The side output need not be used. */
  LOG,
  /** Counts it. The job uses the side output. */
  SIDE_OUTPUT,
  /**
   * Fails the job without a restart, because a restart would meet the same token. In a batch, the
   * job fails before earlier tokens are emitted, so the side output may not have the rejected one.
   */
  FAIL
}
