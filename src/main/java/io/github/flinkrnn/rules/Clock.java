package io.github.flinkrnn.rules;

import org.apache.flink.annotation.Internal;

/** The current processing time and watermark. */
@Internal
public interface Clock {
  /** Epoch milliseconds. */
  long processingTime();

  /** The current watermark in epoch milliseconds; {@link Long#MIN_VALUE} before the first. */
  long watermark();
}
