package io.github.flinkrnn.job;

import io.github.flinkrnn.sequence.SourceRecord;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Forwards records, and fails its task when the test asks for it. */
final class FailingPass extends RichMapFunction<SourceRecord, SourceRecord> {
  private static final long serialVersionUID = 1L;

  // Static, because the test and the tasks share one JVM and Flink copies the function.
  private static final AtomicInteger WANTED = new AtomicInteger();
  private static final AtomicInteger STARTS = new AtomicInteger();

  static void reset() {
    WANTED.set(0);
    STARTS.set(0);
  }

  /** Makes the task that receives one of the next records fail. */
  static void failOnce() {
    WANTED.incrementAndGet();
  }

  /** How many tasks have started, over all attempts. */
  static int starts() {
    return STARTS.get();
  }

  @Override
  public void open(OpenContext context) {
    STARTS.incrementAndGet();
  }

  @Override
  public SourceRecord map(SourceRecord record) {
    if (WANTED.get() > 0 && WANTED.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new IllegalStateException("a failure that the test asked for");
    }
    return record;
  }
}
