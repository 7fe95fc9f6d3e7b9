package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.SourceRecord;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Forwards records, and fails once: at a record after a completed checkpoint that contains some of
 * them. The counts are static, because the restarted task is another object. Only one test can use
 * it at a time.
 */
public final class FailingOnce
    implements MapFunction<SourceRecord, SourceRecord>, CheckpointedFunction, CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final long RECORDS_BEFORE = 1000;

  public static final AtomicInteger FAILURES = new AtomicInteger();
  public static final AtomicInteger RESTORES = new AtomicInteger();

  private transient long seen;
  private transient long seenAtSnapshot;
  private transient boolean checkpointed;

  public static void reset() {
    FAILURES.set(0);
    RESTORES.set(0);
  }

  @Override
  public SourceRecord map(SourceRecord record) {
    seen++;
    // Some records after the checkpoint: their output must be undone.
    if (checkpointed && seen > seenAtSnapshot + 10 && FAILURES.compareAndSet(0, 1)) {
      throw new IllegalStateException("the failure that the test asks for");
    }
    return record;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    seenAtSnapshot = seen;
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    checkpointed = seenAtSnapshot > RECORDS_BEFORE;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    if (context.isRestored()) {
      RESTORES.incrementAndGet();
    }
  }
}
