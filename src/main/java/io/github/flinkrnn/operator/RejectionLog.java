package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.RejectedRecord;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;

/**
 * Logs rejected records, with at most one line per second, which says how many records it stands
 * for. The record and quotes from it are not logged, because they may contain sensitive data.
 */
@Internal
public final class RejectionLog {
  private final Logger log;
  private long unlogged;
  private long nextLine = System.nanoTime();

  /**
   * @param log the logger to use
   */
  public RejectionLog(Logger log) {
    this.log = log;
  }

  /** Adds a rejected record. */
  public void add(RejectedRecord rejected) {
    unlogged++;
    if (System.nanoTime() - nextLine >= 0) {
      nextLine = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
      log.warn(
          "Rejected {} since the last such line; the latest: {}, {}",
          records(unlogged),
          rejected.reason().text(),
          shown(rejected.record().origin()));
      unlogged = 0;
    }
  }

  /** Logs how many records were rejected since the last line. */
  public void end() {
    if (unlogged > 0) {
      log.warn("Rejected {} since the last such line", records(unlogged));
      unlogged = 0;
    }
  }

  private static String records(long count) {
    return count + (count == 1 ? " record" : " records");
  }

  private static String shown(Origin origin) {
    return origin == null
        ? "of unknown origin"
        : "of %s, partition %d, offset %d"
            .formatted(origin.topic(), origin.partition(), origin.offset());
  }
}
