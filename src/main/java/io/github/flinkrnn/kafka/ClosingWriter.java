package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.SinkRecord;
import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's writer with transactions, which closes one more client. In connector 5.0.0, that writer
 * leaves the client open with which it looks for old transactions. Each start of a sink would leave
 * a thread behind, which connects again and again after the brokers are gone, and which holds the
 * classes of the job.
 */
@SuppressWarnings("try") // closing a writer may be interrupted
final class ClosingWriter
    implements StatefulSinkWriter<SinkRecord, KafkaWriterState>,
        CommittingSinkWriter<SinkRecord, KafkaCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(ClosingWriter.class);
  private static final String CLIENT = "adminClient";

  private final SinkWriter<SinkRecord> writer;
  private final StatefulSinkWriter<SinkRecord, KafkaWriterState> stateful;
  private final CommittingSinkWriter<SinkRecord, KafkaCommittable> committing;

  /**
   * @param writer a writer with transactions, of {@link
   *     org.apache.flink.connector.kafka.sink.KafkaSink}
   */
  @SuppressWarnings("unchecked")
  ClosingWriter(SinkWriter<SinkRecord> writer) {
    this.writer = writer;
    stateful = (StatefulSinkWriter<SinkRecord, KafkaWriterState>) writer;
    committing = (CommittingSinkWriter<SinkRecord, KafkaCommittable>) writer;
  }

  @Override
  public void write(SinkRecord record, Context context) throws IOException, InterruptedException {
    writer.write(record, context);
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    writer.flush(endOfInput);
  }

  @Override
  public void writeWatermark(Watermark watermark) throws IOException, InterruptedException {
    writer.writeWatermark(watermark);
  }

  @Override
  public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
    return committing.prepareCommit();
  }

  @Override
  public List<KafkaWriterState> snapshotState(long checkpointId) throws IOException {
    return stateful.snapshotState(checkpointId);
  }

  @Override
  public void close() throws Exception {
    try {
      writer.close();
    } finally {
      closeClient();
    }
  }

  private void closeClient() {
    try {
      Field client = writer.getClass().getDeclaredField(CLIENT);
      client.setAccessible(true);
      if (client.get(writer) instanceof Admin admin) {
        admin.close(Duration.ZERO);
      }
    } catch (ReflectiveOperationException e) {
      LOG.debug("The writer has no client to close", e); // another version of the connector
    }
  }
}
