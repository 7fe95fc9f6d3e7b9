package io.github.flinkrnn.rules;

import org.apache.flink.annotation.PublicEvolving;

/** What happens to a sequence when some of its tokens never arrive. */
@PublicEvolving
public enum OnGap {
  /** The next available token continues it. */
  CONTINUE,
  /** The next available token begins a new sequence. */
  RESTART,
  /** The tokens that waited after the gap are rejected. Later tokens continue the sequence. */
  REJECT
}
