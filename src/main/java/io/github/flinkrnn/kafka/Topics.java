package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;

/** Kafka topics as the ends of a job. */
public final class Topics {
  /** A broker's own default for the longest transaction that it grants. */
  public static final long TRANSACTION_TIMEOUT_MILLIS = 900_000;

  private Topics() {}

  /**
   * A topic's records. Reads committed transactions alone, unless the properties say otherwise: an
   * aborted record of another exactly-once job is none.
   *
   * @param start where to begin without state
   * @param bounded whether to end with the records that are there at the start
   */
  public static KafkaSource<SourceRecord> source(
      String topic, OffsetsInitializer start, boolean bounded, Map<String, String> properties) {
    var source =
        KafkaSource.<SourceRecord>builder()
            .setTopics(topic)
            .setStartingOffsets(start)
            .setDeserializer(new SourceRecordSchema())
            .setProperty("isolation.level", "read_committed")
            .setProperties(asProperties(properties));
    return (bounded ? source.setBounded(OffsetsInitializer.latest()) : source).build();
  }

  /**
   * Encoded records, each under its own key.
   *
   * @param transactions what the ids of this sink's transactions begin with: no other sink's may
   */
  public static KafkaSink<SinkRecord> sink(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties) {
    return KafkaSink.<SinkRecord>builder()
        .setProperty("transaction.timeout.ms", String.valueOf(TRANSACTION_TIMEOUT_MILLIS))
        .setKafkaProducerConfig(asProperties(properties))
        .setDeliveryGuarantee(delivery)
        .setTransactionalIdPrefix(transactions)
        // A few ids, used over and over: of a new one a checkpoint a broker would keep thousands.
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setRecordSerializer(new SinkRecordSchema(topic))
        .build();
  }

  /** What an Admin takes of a producer's or a consumer's properties, with a time for its calls. */
  static Properties adminProperties(Map<String, String> clientProperties, int timeoutMillis) {
    Properties properties = asProperties(clientProperties);
    for (String name : List.of("key", "value")) {
      properties.remove(name + ".deserializer");
      properties.remove(name + ".serializer");
    }
    properties.setProperty("request.timeout.ms", String.valueOf(Math.min(5000, timeoutMillis)));
    properties.setProperty("default.api.timeout.ms", String.valueOf(timeoutMillis));
    return properties;
  }

  static Properties asProperties(Map<String, String> map) {
    Properties properties = new Properties();
    properties.putAll(map);
    return properties;
  }
}
