package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.SinkRecord;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;

/**
 * Flink's sink with transactions, and a committer that logs which transactions are lost. All else,
 * and the form of the state, is that of Flink's sink.
 */
final class ReportingSink
    implements Sink<SinkRecord>,
        SupportsCommitter<KafkaCommittable>,
        SupportsWriterState<SinkRecord, KafkaWriterState>,
        SupportsPostCommitTopology<KafkaCommittable>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;

  private final KafkaSink<SinkRecord> sink;
  private final String topic;
  private final Map<String, String> properties;

  /**
   * @param properties of the producer
   */
  ReportingSink(KafkaSink<SinkRecord> sink, String topic, Map<String, String> properties) {
    this.sink = sink;
    this.topic = topic;
    this.properties = Map.copyOf(properties);
  }

  @Override
  public SinkWriter<SinkRecord> createWriter(WriterInitContext context) throws IOException {
    return new ClosingWriter(sink.createWriter(context));
  }

  @Override
  public StatefulSinkWriter<SinkRecord, KafkaWriterState> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> recovered) {
    return new ClosingWriter(sink.restoreWriter(context, recovered));
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
    return new ReportingCommitter(
        sink.createCommitter(context),
        new TransactionFates(properties, context.getTaskInfo().getAttemptNumber() > 0),
        topic,
        context.getRestoredCheckpointId());
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committer) {
    sink.addPostCommitTopology(committer);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return sink.getLineageVertex();
  }
}
