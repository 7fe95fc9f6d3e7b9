package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.SourceRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes Kafka records as they are, even tombstones: the decoder rejects them with their origin. */
final class SourceRecordSchema implements KafkaRecordDeserializationSchema<SourceRecord> {
  private static final long serialVersionUID = 1L;

  private final boolean readsHeaders;

  /**
   * @param readsHeaders whether the job uses the headers of its records
   */
  SourceRecordSchema(boolean readsHeaders) {
    this.readsHeaders = readsHeaders;
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<SourceRecord> out) {
    byte[] value = record.value();
    Long timestamp = record.timestamp() == ConsumerRecord.NO_TIMESTAMP ? null : record.timestamp();
    Origin origin = new Origin(record.topic(), record.partition(), record.offset());
    long length = value == null ? 0 : value.length;
    out.collect(
        new SourceRecord(
            record.key(),
            value,
            length,
            timestamp,
            origin,
            readsHeaders ? headers(record.headers().toArray()) : null,
            SourceRecord.NO_ELEMENT,
            false));
  }

  static Header[] headers(org.apache.kafka.common.header.Header[] all) {
    if (all.length == 0) {
      return null;
    }
    Header[] headers = new Header[all.length];
    for (int i = 0; i < all.length; i++) {
      headers[i] = new Header(all[i].key(), all[i].value());
    }
    return headers;
  }

  @Override
  public TypeInformation<SourceRecord> getProducedType() {
    return TypeInformation.of(SourceRecord.class);
  }
}
