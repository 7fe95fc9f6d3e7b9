package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.RejectedRecord;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;

/**
 * Logs rejected records: one line a second at most, which says how many it stands for. Neither the
 * record nor what is quoted of it is logged: it may hold what logs must not.
 */
@Internal
public final class RejectionLog {
  private final Logger log;
  private long unlogged;
  private long nextLine = System.nanoTime();

  /**
   * @param log under whose name it logs
   */
  public RejectionLog(Logger log) {
    this.log = log;
  }

  /** One more. */
  public void add(RejectedRecord rejected) {
    unlogged++;
    if (System.nanoTime() - nextLine >= 0) {
      nextLine = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
      log.warn(
          "Rejected {} records since the last such line; the latest: {}, {}",
          unlogged,
          rejected.reason().text(),
          rejected.record().origin() == null ? "of unknown origin" : rejected.record().origin());
      unlogged = 0;
    }
  }

  /** Says how many there were since the last line. */
  public void end() {
    if (unlogged > 0) {
      log.warn("Rejected {} more records", unlogged);
      unlogged = 0;
    }
  }
}
