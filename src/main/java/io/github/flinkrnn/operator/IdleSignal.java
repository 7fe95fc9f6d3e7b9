package io.github.flinkrnn.operator;

import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.runtime.metrics.TimerGauge;
import org.apache.flink.runtime.metrics.groups.TaskIOMetricGroup;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Tells an operator that its task has no more input ready. Flink has no public API for this. It
 * measures the time that a task is idle, in a gauge that tells listeners when that time begins. The
 * listener sends the task's thread a mail, which is processed at once, because the task is idle. A
 * busy task costs nothing. (A mail that sends itself again and asks whether the task is idle would
 * end Flink's loop over records after each record.)
 */
final class IdleSignal implements TimerGauge.StartStopListener, AutoCloseable {
  private final TimerGauge gauge;
  private final MailboxExecutor mailbox;
  private final ThrowingRunnable<Exception> action;
  private boolean isOn; // there is something to do when the task is idle

  /**
   * @param metrics of the task
   * @param mailbox of the operator
   * @param action runs in the task's thread
   */
  IdleSignal(
      TaskIOMetricGroup metrics, MailboxExecutor mailbox, ThrowingRunnable<Exception> action) {
    this.mailbox = mailbox;
    this.action = action;
    gauge = metrics.getIdleTimeMsPerSecond();
    gauge.registerListener(this);
  }

  /** Whether the action is to run when the task is idle. */
  void set(boolean on) {
    isOn = on;
  }

  @Override
  public void markStart() {
    if (!isOn) {
      return;
    }
    try {
      mailbox.execute(action, "flink-rnn: steps of an idle task");
    } catch (RejectedExecutionException e) {
      isOn = false; // the task ends, and its tokens are read again from the last checkpoint
    }
  }

  @Override
  public void markEnd() {}

  @Override
  public void close() {
    gauge.unregisterListener(this);
  }
}
