package io.github.flinkrnn.job;

import io.github.flinkrnn.operator.RejectionLog;
import io.github.flinkrnn.sequence.RejectedRecord;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sink of rejected records when the job has no dead letters: a {@link RejectionLog}. */
final class DeadLetterLog implements Sink<RejectedRecord> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);

  @Override
  public SinkWriter<RejectedRecord> createWriter(WriterInitContext context) {
    RejectionLog log = new RejectionLog(LOG);
    return new SinkWriter<>() {
      @Override
      public void write(RejectedRecord rejected, Context at) {
        log.add(rejected);
      }

      @Override
      public void flush(boolean endOfInput) {
        if (endOfInput) {
          log.end();
        }
      }

      @Override
      public void close() {
        log.end();
      }
    };
  }
}
