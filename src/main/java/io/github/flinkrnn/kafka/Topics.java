package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;

/** Kafka topics as sources and sinks. */
@Internal
public final class Topics {
  /** The broker's default for {@code transaction.max.timeout.ms}. */
  public static final long TRANSACTION_TIMEOUT_MILLIS = 900_000;

  private Topics() {}

  /**
   * A source of the records of topics. Reads only committed transactions unless the properties say
   * otherwise, to skip aborted records of other exactly-once jobs.
   *
   * @param start where to begin, unless the job resumes from state
   * @param bounded whether to stop at the offsets at which the topics end when the job starts
   * @param readsHeaders whether the job uses the headers of its records
   */
  public static KafkaSource<SourceRecord> source(
      SourceTopics topics,
      OffsetsInitializer start,
      boolean bounded,
      Map<String, String> properties,
      boolean readsHeaders) {
    var source =
        KafkaSource.<SourceRecord>builder()
            .setStartingOffsets(new StartingOffsets(start))
            .setDeserializer(new SourceRecordSchema(readsHeaders))
            .setProperty("isolation.level", "read_committed")
            .setProperties(asProperties(properties));
    if (topics instanceof SourceTopics.Named named) {
      source.setTopics(named.names());
    } else {
      source.setTopicPattern(((SourceTopics.Matching) topics).pattern());
    }
    return (bounded ? source.setBounded(OffsetsInitializer.latest()) : source).build();
  }

  /** The same with the default time-out of transactions. */
  public static Sink<SinkRecord> sink(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      Map<String, String> properties) {
    return sink(topic, delivery, transactions, TRANSACTION_TIMEOUT_MILLIS, properties);
  }

  /**
   * A sink for encoded records, each with its own key.
   *
   * @param transactions the prefix of the sink's transactional ids, which no other sink may have
   * @param timeoutMillis the time-out of transactions, unless the properties have another
   */
  public static Sink<SinkRecord> sink(
      String topic,
      DeliveryGuarantee delivery,
      String transactions,
      long timeoutMillis,
      Map<String, String> properties) {
    KafkaSink<SinkRecord> sink =
        KafkaSink.<SinkRecord>builder()
            .setProperty("transaction.timeout.ms", String.valueOf(timeoutMillis))
            .setKafkaProducerConfig(asProperties(properties))
            .setDeliveryGuarantee(delivery)
            .setTransactionalIdPrefix(transactions)
            // Reuses a few ids. With a new id per checkpoint, a broker would keep thousands.
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setRecordSerializer(new SinkRecordSchema(topic))
            .build();
    return delivery == DeliveryGuarantee.EXACTLY_ONCE
        ? new ReportingSink(sink, topic, properties)
        : sink;
  }

  /** The properties of an Admin: those of a producer or consumer, with a timeout for its calls. */
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
