package io.github.flinkrnn.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The process through which {@code jobs/run.sh} pipes standard error, to drop a warning of the JVM.
 * It must pass on the last line before this process ends, because callers read it then.
 */
final class StandardErrorFilter {
  /** The id of the filter's process; absent without a filter. */
  private static final String PROPERTY = "flink-rnn.stderr-filter";

  private static final int PATIENCE_SECONDS = 5;

  private StandardErrorFilter() {}

  /** Closes standard error, and waits until the filter has written all of it. */
  static void end() {
    Long filter = Long.getLong(PROPERTY);
    if (filter == null) {
      return;
    }
    System.err.close(); // the filter ends at the end of its input
    ProcessHandle.of(filter)
        .map(ProcessHandle::onExit)
        .orElseGet(() -> CompletableFuture.completedFuture(null))
        .completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
