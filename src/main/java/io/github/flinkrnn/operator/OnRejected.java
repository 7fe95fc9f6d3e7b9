package io.github.flinkrnn.operator;

import org.apache.flink.annotation.PublicEvolving;

/** What {@link RnnFunction} does with a token that it rejects, besides the side output. */
@PublicEvolving
public enum OnRejected {
  /** Counts it, and logs at most a line a second: nobody need take the side output. */
  LOG,
  /** Counts it: the job takes the side output. */
  SIDE_OUTPUT,
  /** Ends the job, for good: a restart would meet the same token. */
  FAIL
}
