package io.github.flinkrnn.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The process that {@code jobs/run.sh} puts behind the standard error, to drop a warning of the
 * JVM. It has to pass on the last line before this process ends: who waits for that reads it next.
 */
final class StandardErrorFilter {
  /** The number of its process; absent where nothing stands between. */
  private static final String PROPERTY = "flink-rnn.stderr-filter";

  private static final int PATIENCE_SECONDS = 5;

  private StandardErrorFilter() {}

  /** Ends the standard error, and waits until the filter has written all of it. */
  static void end() {
    Long filter = Long.getLong(PROPERTY);
    if (filter == null) {
      return;
    }
    System.err.close(); // it reads to the end
    ProcessHandle.of(filter)
        .map(ProcessHandle::onExit)
        .orElseGet(() -> CompletableFuture.completedFuture(null))
        .completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
