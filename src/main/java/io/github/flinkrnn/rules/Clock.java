package io.github.flinkrnn.rules;

/** What time it is while one token or timer is looked at. */
public interface Clock {
  /** Epoch milliseconds. */
  long processingTime();

  /** How far event time has come, epoch milliseconds; {@link Long#MIN_VALUE} before any. */
  long watermark();
}
