package io.github.flinkrnn.job;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.RejectedRecord;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where rejected records end when the job names no place for them: one log line a second at most,
 * which says how many it stands for. Neither the record nor what is quoted of it is logged: it may
 * hold what logs must not.
 */
final class DeadLetterLog implements Sink<RejectedRecord> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);

  @Override
  public SinkWriter<RejectedRecord> createWriter(WriterInitContext context) {
    return new Writer();
  }

  private static final class Writer implements SinkWriter<RejectedRecord> {
    private long unlogged;
    private long nextLine = System.nanoTime();

    @Override
    public void write(RejectedRecord rejected, Context context) {
      unlogged++;
      if (System.nanoTime() - nextLine >= 0) {
        nextLine = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        Origin origin = rejected.origin();
        LOG.warn(
            "Rejected {} records since the last such line; the latest: {}, {}",
            unlogged,
            rejected.reason().text(),
            origin == null ? "of unknown origin" : origin);
        unlogged = 0;
      }
    }

    @Override
    public void flush(boolean endOfInput) {
      if (endOfInput && unlogged > 0) {
        LOG.warn("Rejected {} more records", unlogged);
        unlogged = 0;
      }
    }

    @Override
    public void close() {
      flush(true);
    }
  }
}
