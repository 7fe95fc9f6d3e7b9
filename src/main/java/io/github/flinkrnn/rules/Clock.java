package io.github.flinkrnn.rules;

/** The current processing time and watermark. */
public interface Clock {
  /** Epoch milliseconds. */
  long processingTime();

  /** The current watermark in epoch milliseconds; {@link Long#MIN_VALUE} before the first. */
  long watermark();
}
