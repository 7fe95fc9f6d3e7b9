package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;

/** Kafka topics as the ends of a job. */
public final class Topics {
  /** A broker's own default for the longest transaction that it grants. */
  public static final long TRANSACTION_TIMEOUT_MILLIS = 900_000;

  /** With the longest dead letter, this is still below Kafka's default for a message. */
  private static final int MAX_KEY_BYTES = 64 << 10;

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

  /** Predictions, each under its sequence key. */
  public static KafkaSink<Prediction> predictions(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties,
      SerializationSchema<Prediction> json) {
    return sink(topic, delivery, transactions, properties, new SequenceKey(), json);
  }

  /** Dead letters, each under the key its record had, unless that is longer than 64 KiB. */
  public static KafkaSink<RejectedRecord> deadLetters(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties,
      SerializationSchema<RejectedRecord> json) {
    return sink(topic, delivery, transactions, properties, new RejectedKey(), json);
  }

  /** Ends of sequences, each under its sequence key. */
  public static KafkaSink<SequenceEnd> ends(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties,
      SerializationSchema<SequenceEnd> json) {
    return sink(topic, delivery, transactions, properties, new EndedKey(), json);
  }

  /**
   * @param transactions what the ids of this sink's transactions begin with: no other sink's may
   */
  private static <T> KafkaSink<T> sink(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties,
      SerializationSchema<T> key,
      SerializationSchema<T> value) {
    return KafkaSink.<T>builder()
        .setProperty("transaction.timeout.ms", String.valueOf(TRANSACTION_TIMEOUT_MILLIS))
        .setKafkaProducerConfig(asProperties(properties))
        .setDeliveryGuarantee(delivery)
        .setTransactionalIdPrefix(transactions)
        // A few ids, used over and over: of a new one a checkpoint a broker would keep thousands.
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setRecordSerializer(
            KafkaRecordSerializationSchema.<T>builder()
                .setTopic(topic)
                .setKeySerializationSchema(key)
                .setValueSerializationSchema(value)
                .build())
        .build();
  }

  static Properties asProperties(Map<String, String> map) {
    Properties properties = new Properties();
    properties.putAll(map);
    return properties;
  }

  /** Keeps the predictions of a sequence in one partition, and so in their order. */
  private static final class SequenceKey implements SerializationSchema<Prediction> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] serialize(Prediction prediction) {
      return prediction.key().getBytes(StandardCharsets.UTF_8);
    }
  }

  private static final class EndedKey implements SerializationSchema<SequenceEnd> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] serialize(SequenceEnd end) {
      return end.key().getBytes(StandardCharsets.UTF_8);
    }
  }

  private static final class RejectedKey implements SerializationSchema<RejectedRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] serialize(RejectedRecord rejected) {
      byte[] key = rejected.key();
      return key == null || key.length > MAX_KEY_BYTES ? null : key;
    }
  }
}
