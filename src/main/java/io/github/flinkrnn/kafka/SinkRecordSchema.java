package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.SinkRecord;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends encoded records with their own timestamps. Flink would set the event time, which a broker
 * may reject.
 */
final class SinkRecordSchema
    implements KafkaRecordSerializationSchema<SinkRecord>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  private final String topic;

  SinkRecordSchema(String topic) {
    this.topic = topic;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      SinkRecord record, KafkaSinkContext context, Long eventTime) {
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(topic, null, record.time(), record.key(), record.value());
    if (record.headers() != null) {
      for (Header header : record.headers()) {
        sent.headers().add(header.name(), header.value());
      }
    }
    return sent;
  }

  /** The topics whose transactions the sink looks up. Its pool of transactional ids needs them. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }
}
